/// One meter of a decided call.
public struct MeterOutcome: Sendable, Equatable {
    /// What was found.
    public var verdict: Verdict
    /// Usage, this call included if the whole call is allowed.
    public var used: Int64
    /// The limit, -1 for unlimited.
    public var limit: Int64
    /// Milliseconds until this meter alone lets the call through; -1 if no waiting helps.
    public var retryAfterMilliseconds: Int64

    /// How ``retryAfterMilliseconds`` says that waiting does not help.
    public static let neverRetry: Int64 = -1

    /// Takes its parts as they are.
    public init(verdict: Verdict, used: Int64, limit: Int64, retryAfterMilliseconds: Int64) {
        self.verdict = verdict
        self.used = used
        self.limit = limit
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// Which meter a call's answer speaks of: the first named of those that refuse with the most telling reason, else
    /// the one with the smallest share of its limit left. `outcomes` has one element or more.
    public static func deciding(_ outcomes: borrowing [MeterOutcome]) -> Int {
        var best = 0
        for index in outcomes.indices.dropFirst() where outcomes[index].outranks(outcomes[best]) { best = index }
        return best
    }

    /// When a call refused by several meters can first succeed: when the last of them lets it through.
    public static func retryAfter(_ outcomes: borrowing [MeterOutcome]) -> Int64 {
        var longest: Int64 = 0
        for index in outcomes.indices where outcomes[index].verdict.reason.refusalPriority != nil {
            let wait = outcomes[index].retryAfterMilliseconds
            if wait == Self.neverRetry { return wait }
            longest = max(longest, wait)
        }
        return longest
    }

    private func outranks(_ other: MeterOutcome) -> Bool {
        let mine = verdict.reason.refusalPriority ?? .max
        let others = other.verdict.reason.refusalPriority ?? .max
        return mine == others ? mine == .max && shareLeft < other.shareLeft : mine < others
    }

    /// From 1 (nothing used) down past 0 (used up); unlimited is above all.
    private var shareLeft: Double {
        limit < 0 ? .infinity : Double(limit - used) / Double(max(limit, 1))
    }
}
