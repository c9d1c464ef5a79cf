/// What a meter at Stripe is, as far as it matters for sending to it. Texts are Stripe's own.
public struct MeterFacts: Sendable, Equatable {
    /// `mtr_…`.
    public var id: String
    /// `active` or `inactive`.
    public var status: String
    /// `sum`, `count` or `last`.
    public var formula: String
    /// `hour` or `day`; nil for a meter that keeps every event.
    public var eventTimeWindow: String?
    /// `by_id`, the only way Stripe has; nil when the answer did not say.
    public var customerMappingType: String?
    /// The payload's key for the customer.
    public var customerPayloadKey: String
    /// The payload's key for the value.
    public var valuePayloadKey: String

    /// Takes its parts as they are.
    public init(
        id: String, status: String, formula: String, eventTimeWindow: String?, customerMappingType: String? = "by_id",
        customerPayloadKey: String = "stripe_customer_id", valuePayloadKey: String = "value"
    ) {
        self.id = id
        self.status = status
        self.formula = formula
        self.eventTimeWindow = eventTimeWindow
        self.customerMappingType = customerMappingType
        self.customerPayloadKey = customerPayloadKey
        self.valuePayloadKey = valuePayloadKey
    }
}
