/// A meter to be made (docs.stripe.com/api/billing/meter/create).
public struct MeterRequest: Sendable, Equatable {
    /// What people call it, 1 to 250 characters.
    public var displayName: String
    /// The name that events carry, 1 to 100 characters; one meter a name.
    public var eventName: String
    /// `sum`, `count` or `last`.
    public var formula: String
    /// `hour` or `day` for a meter that keeps the newest event of each; nil for one that keeps every event.
    public var eventTimeWindow: String?
    /// The payload's key for the customer.
    public var customerPayloadKey: String
    /// The payload's key for the value.
    public var valuePayloadKey: String

    /// A meter with Stripe's default keys unless others are given.
    public init(
        displayName: String, eventName: String, formula: String = "sum", eventTimeWindow: String?,
        customerPayloadKey: String = "stripe_customer_id", valuePayloadKey: String = "value"
    ) {
        self.displayName = displayName
        self.eventName = eventName
        self.formula = formula
        self.eventTimeWindow = eventTimeWindow
        self.customerPayloadKey = customerPayloadKey
        self.valuePayloadKey = valuePayloadKey
    }

    var form: Form {
        var form = Form([
            "display_name": .text(displayName),
            "event_name": .text(eventName),
            "default_aggregation": .map(Form(["formula": .text(formula)])),
            "customer_mapping": .map(
                Form(["type": .text("by_id"), "event_payload_key": .text(customerPayloadKey)])),
            "value_settings": .map(Form(["event_payload_key": .text(valuePayloadKey)])),
        ])
        if let eventTimeWindow { form.append("event_time_window", .text(eventTimeWindow)) }
        return form
    }
}
