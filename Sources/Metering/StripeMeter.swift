/// How a meter's usage reaches Stripe.
public struct StripeMeter: Sendable, Equatable {
    /// How the totals are sent.
    public enum Mode: String, Sendable, CaseIterable {
        /// The running total of each hour, as a meter event to a Stripe meter with an hour's event time window: the
        /// newest event of an hour replaces the earlier ones.
        case window
    }

    /// How the totals are sent.
    public var mode: Mode
    /// The `event_name` of the meter at Stripe, 1 to 100 characters.
    public var eventName: String

    /// Takes its parts as they are; Settings validates what a catalogue says.
    public init(mode: Mode = .window, eventName: String) {
        self.mode = mode
        self.eventName = eventName
    }
}
