/// A meter event on its way to Stripe, the same for all three ways in (docs.stripe.com/api/billing/meter-event).
public struct MeterEventRequest: Sendable, Equatable {
    /// Of an active meter, 1 to 100 characters.
    public var eventName: String
    /// `cus_…`. It only has calls take turns: the customer that Stripe bills is the one in `payload`.
    public var customer: String
    /// Seconds since the Unix epoch; "within the past 35 calendar days or up to 5 minutes in the future"
    /// (docs.stripe.com/api/billing/meter-event/create).
    public var timestamp: Int64
    /// 1 to 100 characters, unique for at least 24 hours. v1 refuses a second event with it, with a message that begins
    /// "An event already exists with identifier"; the stream drops it without a word.
    public var identifier: String
    /// The customer and the value, under the keys the meter names. Values have at most 15 digits: beyond, the error is
    /// `meter_event_value_too_many_digits` (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
    public var payload: [String: String]

    /// Takes its parts as they are; they are checked when the event is sent.
    public init(
        eventName: String, customer: String, timestamp: Int64, identifier: String, payload: [String: String]
    ) {
        self.eventName = eventName
        self.customer = customer
        self.timestamp = timestamp
        self.identifier = identifier
        self.payload = payload
    }

    /// Events about the same are sent one at a time.
    var object: CallObject { .meterEvents(customer: customer, eventName: eventName) }

    /// What Stripe would refuse of it in any case; nil when nothing.
    var fault: String? {
        if !(1...100).contains(eventName.count) { return "an event name is 1 to 100 characters" }
        if !(1...100).contains(identifier.count) { return "an identifier is 1 to 100 characters" }
        if !RFC3339.writable.contains(timestamp) { return "a timestamp is in the years 1970 to 9999" }
        return nil
    }
}
