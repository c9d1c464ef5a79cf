/// Why a call to Stripe has no result. No field ever holds the secret key: texts that came from outside are searched
/// for it first.
public struct StripeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where the error was made.
    public enum Source: String, Sendable, CaseIterable {
        /// This process: the request never left.
        case local
        /// The way to Stripe: no answer, or no whole one.
        case network
        /// Stripe, or something that answers in its place.
        case stripe
    }

    /// The codes of errors that Stripe did not make. Stripe's own codes are in `code` as they came.
    public enum LocalCode: String, Sendable, CaseIterable {
        /// The call would have waited longer for its turn than the configuration allows.
        case paced = "tollgate_paced"
        /// Too many calls wait for their turn before it.
        case queueFull = "tollgate_queue_full"
        /// The calling task was cancelled.
        case cancelled = "tollgate_cancelled"
        /// The arguments cannot make a request Stripe would take.
        case invalidArgument = "tollgate_invalid_argument"
        /// No answer came; the message says what happened on the way.
        case noAnswer = "tollgate_no_answer"
        /// Nothing could be sent: no connection, no TLS, no room in the queue.
        case notSent = "tollgate_not_sent"
        /// The answer is not in Stripe's shape.
        case unreadableAnswer = "tollgate_unreadable_answer"
    }

    /// Where the error was made.
    public let source: Source
    /// Stripe's `code`, or the raw value of a `LocalCode`; nil when Stripe gave none.
    public let code: String?
    /// Stripe's `type`, such as `invalid_request_error`; nil when the answer is not in Stripe's shape.
    public let type: String?
    /// A sentence for people.
    public let message: String
    /// The parameter Stripe names, if any.
    public let param: String?
    /// Nil when no answer came.
    public let httpStatus: Int?
    /// Stripe's `Request-Id`, for its support and its logs.
    public let requestID: String?
    /// The `Stripe-Should-Retry` header, if it came: it overrides what follows from the status
    /// (docs.stripe.com/error-low-level).
    public let shouldRetry: Bool?
    /// The `Stripe-Rate-Limited-Reason` header of a 429 (docs.stripe.com/rate-limits).
    public let rateLimitedReason: String?
    /// Whether this is the saved answer to an earlier request with the same key (`Idempotent-Replayed`): asking again
    /// with that key brings it again (docs.stripe.com/error-low-level#idempotency).
    public let isReplayed: Bool
    /// Whether the request had left more than once before this answer came.
    public let wasSentAgain: Bool
    /// True when Stripe may or may not have done what was asked: no whole answer came after bytes had left, or the
    /// answer was a 5xx, which Stripe calls indeterminate (docs.stripe.com/error-low-level), or one to a repetition of
    /// the request that says nothing of the first.
    public let isOutcomeUnknown: Bool

    /// Whether Stripe gave this answer, in one of its own shapes: v1's, or v2's, which may come without a type.
    public var isInStripeShape: Bool { source == .stripe && code != LocalCode.unreadableAnswer.rawValue }

    /// Whether the session of the meter event stream has ended: nothing was taken, and another session is needed
    /// (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    var saysSessionExpired: Bool { httpStatus == 401 && code == "billing_meter_event_session_expired" }

    /// Whether asking again later, unchanged, can succeed. Stripe's own header decides if it came. This is for people
    /// and reads; what is sent again is decided by Billing's `RetryDecision`.
    public var isRetryable: Bool {
        if let shouldRetry { return shouldRetry }
        if code == LocalCode.invalidArgument.rawValue || code == LocalCode.cancelled.rawValue { return false }
        guard let httpStatus else { return true }
        return httpStatus == 409 || httpStatus == 429 || httpStatus >= 500
    }

    /// One line: what happened, then what identifies it at Stripe.
    public var description: String {
        var facts: [String] = []
        if let httpStatus { facts.append("HTTP \(httpStatus)") }
        if let code { facts.append("code \(code)") }
        if let param { facts.append("parameter \(param)") }
        if let rateLimitedReason { facts.append("limiter \(rateLimitedReason)") }
        if let requestID { facts.append("request \(requestID)") }
        if isOutcomeUnknown { facts.append("outcome unknown") }
        return facts.isEmpty ? message : "\(message) (\(facts.joined(separator: ", ")))"
    }

    init(
        source: Source, code: String?, type: String? = nil, message: String, param: String? = nil,
        httpStatus: Int? = nil, requestID: String? = nil, shouldRetry: Bool? = nil,
        rateLimitedReason: String? = nil, isReplayed: Bool = false, wasSentAgain: Bool = false,
        isOutcomeUnknown: Bool = false
    ) {
        self.source = source
        self.code = code
        self.type = type
        self.message = message
        self.param = param
        self.httpStatus = httpStatus
        self.requestID = requestID
        self.shouldRetry = shouldRetry
        self.rateLimitedReason = rateLimitedReason
        self.isReplayed = isReplayed
        self.wasSentAgain = wasSentAgain
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}
