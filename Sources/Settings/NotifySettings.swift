/// Notices to the operator's own HTTP endpoint (`notify.*`).
public struct NotifySettings: Sendable, Equatable {
    /// Where notices are posted to; nil sends none.
    public var url: String?
    /// How long one attempt may take.
    public var timeout: Duration
    /// What notices are signed with (`TOLLGATE_NOTIFY_SECRET`), each `whsec_` and the key in base64: one, and while the
    /// secret is changed the old one too.
    public var secrets: [Secret]
}
