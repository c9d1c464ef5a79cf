/// How one attempt to deliver a notice ended.
public enum NoticeOutcome: Sendable, Equatable {
    /// The receiver took it: any 2xx.
    case delivered
    /// The receiver answered otherwise, and may have said how many seconds to wait.
    case refused(status: Int, retryAfter: Int64?)
    /// No answer came.
    case unanswered(String)

    /// What an answer means.
    public init(status: Int, retryAfter: String?) {
        self =
            (200...299).contains(status)
            ? .delivered : .refused(status: status, retryAfter: retryAfter.flatMap { Int64($0) })
    }

    /// Whether the receiver wants to hear nothing any more (410, as Standard Webhooks has it).
    public var isGone: Bool { if case .refused(status: 410, _) = self { true } else { false } }

    /// Whether it says something of the receiver rather than of this notice, so that others would meet the same.
    var isOutage: Bool {
        switch self {
        case .delivered: false
        case .refused(let status, _): status >= 500 || status == 429
        case .unanswered: true
        }
    }

    /// In words; empty when it was delivered.
    public var reason: String {
        switch self {
        case .delivered: ""
        case .refused(let status, _): "the receiver answered \(status)"
        case .unanswered(let reason): reason
        }
    }
}
