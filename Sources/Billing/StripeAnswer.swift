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

    /// Takes its parts as they are.
    public init(
        status: Int, type: String?, code: String? = nil, message: String, shouldRetry: Bool? = nil,
        requestID: String? = nil
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
        self.shouldRetry = shouldRetry
        self.requestID = requestID
    }

    /// Stripe has an event with this identifier, so the attempt, or one before it, was taken. Stripe gives this no
    /// code, only the text (seen by several projects; docs.stripe.com does not state it).
    var saysEventExists: Bool {
        status == 400 && message.hasPrefix("An event already exists with identifier")
    }
}
