/// Stripe's `billing.meter_event`: that it came back means received, not yet recorded
/// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
public struct MeterEvent: Sendable, Equatable, Decodable, Replayable {
    /// The identifier the event was sent with.
    public let identifier: String
    /// The meter's event name.
    public let eventName: String
    /// Seconds since the Unix epoch.
    public let timestamp: Int64
    /// Whether this is the saved answer to an earlier request with the same key (`Idempotent-Replayed`).
    public internal(set) var isReplayed = false

    /// Reads the answer of v1, whose timestamp is a number, and of v2, whose timestamp is RFC 3339.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        identifier = try values.decode(String.self, forKey: .identifier)
        eventName = try values.decode(String.self, forKey: .eventName)
        if let seconds = try? values.decode(Int64.self, forKey: .timestamp) {
            timestamp = seconds
        } else {
            timestamp = try RFC3339.decode(.timestamp, from: values)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case identifier, timestamp
        case eventName = "event_name"
    }
}
