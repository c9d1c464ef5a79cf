/// What becomes of a notice after an attempt.
public enum NoticeVerdict: Sendable, Equatable {
    /// It is done.
    case delivered
    /// It is tried again then, in milliseconds since the Unix epoch, and its tenant's later ones wait for it.
    case retry(at: Int64)
    /// It is given up, for this reason.
    case drop(String)
}
