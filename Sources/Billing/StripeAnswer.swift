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
    /// The `Stripe-Should-Retry` header, if it came: it overrides what follows from the status
    /// (docs.stripe.com/error-low-level).
    public var shouldRetry: Bool?
    /// Stripe's id of the request (`req_…`), if it came.
    public var requestID: String?
    /// The `Stripe-Rate-Limited-Reason` header of a 429, if it came (docs.stripe.com/rate-limits).
    public var rateLimitedReason: String?
    /// Whether it is the saved answer to an earlier request with the same key (`Idempotent-Replayed`).
    public var isReplayed: Bool
    /// Whether it is in one of Stripe's shapes, so that Stripe gave it. Errors of the v2 API may come without a type.
    public var isStripes: Bool
    /// Whether the request had left more than once before this answer came, so that it may be about a repetition of
    /// one that Stripe is still at work on.
    public var wasSentAgain: Bool

    /// Takes its parts as they are. Unless it is said otherwise, an answer with a type is Stripe's.
    public init(
        status: Int, type: String?, code: String? = nil, message: String, shouldRetry: Bool? = nil,
        requestID: String? = nil, rateLimitedReason: String? = nil, isReplayed: Bool = false, isStripes: Bool? = nil,
        wasSentAgain: Bool = false
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
        self.wasSentAgain = wasSentAgain
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

    /// What was refused passes or is put right at Stripe: unchanged, the request is taken later. These codes come with
    /// the answer or in a report afterwards (docs.stripe.com/api/v2/billing/meter-event/create).
    var saysItPasses: Bool {
        isStripes && (400..<500).contains(status) && code.map { MeterErrorVerdict(code: $0) } == .owed
    }

    /// Something between answered, or Stripe in a hurry, while the request may still be under way behind it: a 502, 503
    /// or 504, and any 5xx or 408 that Stripe did not give. A saved answer is of a request that has ended.
    var mayComeTooSoon: Bool {
        guard !isReplayed, status >= 500 || status == 408 else { return false }
        return !isStripes || (502...504).contains(status)
    }

    /// The answer is to a repetition and comes from before idempotency is looked at, or says that the first is under
    /// way (docs.stripe.com/error-low-level#idempotency): it says nothing of the first.
    var leavesFirstOpen: Bool {
        wasSentAgain && !isReplayed && (!isStripes || [401, 403, 408, 409, 429].contains(status))
    }
}
