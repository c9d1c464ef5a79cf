/// How a meter's usage reaches Stripe.
public struct StripeMeter: Sendable, Equatable {
    /// How the totals are sent.
    public enum Mode: String, Sendable, CaseIterable {
        /// The running total of each hour, as a meter event to a Stripe meter with an hour's event time window: the
        /// newest event of an hour replaces the earlier ones.
        case window
        /// What each hour's total grew by, as a meter event to an ordinary Stripe meter, which adds.
        case sum
        /// The running total of each hour, as a usage record that is set: a legacy metered price, which only API
        /// versions up to 2024-12-18.acacia take.
        case usageRecord = "usage_record"
    }

    /// How the totals are sent.
    public let mode: Mode
    /// The `event_name` of the meter at Stripe, 1 to 100 characters; nil in the mode `usage_record`.
    public let eventName: String?
    /// The id of the metered price at Stripe; nil but in the mode `usage_record`.
    public let price: String?

    /// Meter events; `mode` is `window` or `sum`. Settings validates what a catalogue says.
    public init(mode: Mode = .window, eventName: String) {
        self.mode = mode
        self.eventName = eventName
        price = nil
    }

    /// Usage records of the subscription item that has this price.
    public init(price: String) {
        mode = .usageRecord
        eventName = nil
        self.price = price
    }
}
