/// What Stripe said when it did not say yes.
public struct StripeAnswer: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// Stripe's `type`; nil when the answer is not in Stripe's shape, so that something else gave it.
    public var type: String?
    /// Stripe's `code`, if any.
    public var code: String?
    /// Stripe's sentence.
    public var message: String
    /// The `Stripe-Should-Retry` header, if it came.
    public var shouldRetry: Bool?
    /// Stripe's id of the request (`req_…`), if it came.
    public var requestID: String?
    /// The `Stripe-Rate-Limited-Reason` header of a 429, if it came (docs.stripe.com/rate-limits).
    public var rateLimitedReason: String?
    /// Whether it is the saved answer to an earlier request with the same key (`Idempotent-Replayed`).
    public var isReplayed: Bool
    /// Whether it is in one of Stripe's shapes, so that Stripe gave it. Errors of the v2 API may come without a type.
    public var isStripes: Bool

    /// Takes its parts as they are. Unless it is said otherwise, an answer with a type is Stripe's.
    public init(
        status: Int, type: String?, code: String? = nil, message: String, shouldRetry: Bool? = nil,
        requestID: String? = nil, rateLimitedReason: String? = nil, isReplayed: Bool = false, isStripes: Bool? = nil
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
        self.shouldRetry = shouldRetry
        self.requestID = requestID
        self.rateLimitedReason = rateLimitedReason
        self.isReplayed = isReplayed
        self.isStripes = isStripes ?? (type != nil)
    }

    /// Stripe has an event with this identifier, so the attempt, or one before it, was taken. v1 gives this no code,
    /// only the text (seen by several projects; docs.stripe.com does not state it), v2 a code
    /// (docs.stripe.com/api/v2/billing/meter-event/create).
    var saysEventExists: Bool {
        status == 400
            && (message.hasPrefix("An event already exists with identifier") || code == "duplicate_meter_event")
    }

    /// The session of the meter event stream has ended, which says nothing of the key
    /// (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    var saysSessionExpired: Bool { status == 401 && code == "billing_meter_event_session_expired" }

    /// The key was used before with other parameters (docs.stripe.com/api/idempotent_requests). A 409 of that type is
    /// about a request that is still under way instead.
    var saysKeyIsTaken: Bool { type == "idempotency_error" && status != 409 }
}
