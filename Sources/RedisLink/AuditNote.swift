/// What is told of a change, in the same script that makes it: who, why, and what it was before and after.
public struct AuditNote: Sendable, Equatable {
    /// What was done, dotted and in lower case: `tenant.put`.
    public var action: String
    /// Who did it: `uid:1000`, `token:control`, `webhook:evt_…`, `timer:…`, `gate:HOLDER`.
    public var actor: String
    /// Why, in words; may be empty.
    public var reason: String
    /// What it was, a compact JSON object of that which changed; may be empty.
    public var before: String
    /// What it is now, likewise.
    public var after: String

    /// Takes its parts as they are.
    public init(action: String, actor: String, reason: String = "", before: String = "", after: String = "") {
        self.action = action
        self.actor = actor
        self.reason = reason
        self.before = before
        self.after = after
    }

    /// What a script is given: how long entries are kept, in milliseconds, and then the entry's fields behind
    /// `tenant`, in their order.
    func arguments(_ origin: AuditOrigin) -> [String] {
        [String(origin.retentionMilliseconds), action, actor, reason, before, after, origin.holderID]
    }
}

/// What all audit entries that a daemon writes have in common.
public struct AuditOrigin: Sendable, Equatable {
    /// The daemon's `holder_id`.
    public var holderID: String
    /// How long entries are kept, in milliseconds: at least so long, since Redis drops them in blocks.
    public var retentionMilliseconds: Int64

    /// Seven years unless said otherwise.
    public init(holderID: String, retentionMilliseconds: Int64 = 7 * 365 * 86_400_000) {
        self.holderID = holderID
        self.retentionMilliseconds = retentionMilliseconds
    }
}
