/// Stripe's `billing.meter_event`: that it came back means received, not yet recorded.
public struct MeterEvent: Sendable, Equatable, Decodable {
    /// The identifier the event was sent with.
    public let identifier: String
    /// The meter's event name.
    public let eventName: String
    /// Seconds since the Unix epoch.
    public let timestamp: Int64

    private enum CodingKeys: String, CodingKey {
        case identifier, timestamp
        case eventName = "event_name"
    }
}
