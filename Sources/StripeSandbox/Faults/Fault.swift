/// A fault to inject into the next requests of a path.
struct Fault: Sendable {
    /// What goes wrong.
    enum Kind: String, CaseIterable, Sendable {
        /// → the request is executed and its answer saved, then the connection closes without an answer.
        case dropAnswerAfterCommit = "drop_answer_after_commit"
        /// → executed and saved; half the answer's body arrives, then the connection closes.
        case partialBody = "partial_body"
        /// → 500 and nothing is executed or saved: the same key may run later.
        case error500 = "error_500"
        /// → 500 and nothing is executed, but the 500 is saved under its key: it is all the key ever answers.
        case error500Saved = "error_500_saved"
        /// → the request is executed, but 500 is answered, and saved under its key as Stripe does.
        case error500AfterCommit = "error_500_after_commit"
        /// → executed after `delay_ms`; its key is in flight meanwhile.
        case slow
        /// → executed at once, answered after `delay_ms`.
        case slowAnswer = "slow_answer"
        /// → the connection is reset, after `delay_ms`, and nothing is executed.
        case reset
        /// → 429 with a limiter's `reason` and nothing is executed or saved.
        case rateLimit = "rate_limit"
        /// → 429 with the code `lock_timeout` and no reason; nothing is executed or saved.
        case lockTimeout = "lock_timeout"
        /// → 409, as if the key's first request were still running; nothing is executed or saved.
        case conflict
        /// → 401, as after the key was rolled; nothing is executed or saved.
        case unauthorized

        /// Those that refuse a request before anything else is done with it.
        var refusal: APIError? {
            switch self {
            case .error500: .serverFault.beforeExecution
            case .lockTimeout: .lockTimeout
            case .conflict: .keyInUse
            case .unauthorized: .unauthenticated("Expired API Key provided.")
            default: nil
            }
        }
    }

    let kind: Kind
    let reason: RateLimitReason
    let delayMilliseconds: Int
    /// What the answer's `Stripe-Should-Retry` header says; nil leaves it as it is.
    let shouldRetry: Bool?

    /// Longest delay, in milliseconds.
    static let maximumDelay = 60_000

    init(
        kind: Kind, reason: RateLimitReason = .globalRate, delayMilliseconds: Int = 0, shouldRetry: Bool? = nil
    ) {
        self.kind = kind
        self.reason = reason
        self.delayMilliseconds = delayMilliseconds
        self.shouldRetry = shouldRetry
    }

    /// How long it holds the request back before it is executed.
    var delayBeforeExecution: Int { kind == .slowAnswer ? 0 : delayMilliseconds }

    /// Reads a kind's name.
    static func kind(_ name: String) throws(ControlError) -> Kind {
        if let kind = Kind(rawValue: name) { return kind }
        let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ControlError("kind '\(name)' is none of \(kinds)")
    }
}
