/// Stripe's `billing.meter` (docs.stripe.com/api/billing/meter/object), with the fields that decide what may be sent to
/// it. Open enumerations stay text.
public struct BillingMeter: Sendable, Equatable, Decodable, ListElement {
    /// `mtr_…`.
    public let id: String
    /// The name events carry.
    public let eventName: String
    /// What people call it.
    public let displayName: String?
    /// `active` or `inactive`.
    public let status: String
    /// `sum`, `count` or `last`.
    public let formula: String
    /// `hour` or `day`; nil for a meter that keeps every event.
    public let eventTimeWindow: String?
    /// How an event names its customer: `by_id`.
    public let customerMappingType: String?
    /// The payload's key for the customer; Stripe's default is `stripe_customer_id`.
    public let customerPayloadKey: String
    /// The payload's key for the value; Stripe's default is `value`.
    public let valuePayloadKey: String

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        id = try values.decode(String.self, forKey: .id)
        eventName = try values.decode(String.self, forKey: .eventName)
        displayName = try values.decodeIfPresent(String.self, forKey: .displayName)
        status = try values.decode(String.self, forKey: .status)
        formula = try values.decode(Aggregation.self, forKey: .aggregation).formula
        eventTimeWindow = try values.decodeIfPresent(String.self, forKey: .eventTimeWindow)
        let mapping = try values.decodeIfPresent(PayloadKey.self, forKey: .customerMapping)
        customerMappingType = mapping?.type
        customerPayloadKey = mapping?.key ?? "stripe_customer_id"
        valuePayloadKey = try values.decodeIfPresent(PayloadKey.self, forKey: .valueSettings)?.key ?? "value"
    }

    private enum Keys: String, CodingKey {
        case id, status
        case eventName = "event_name"
        case displayName = "display_name"
        case aggregation = "default_aggregation"
        case eventTimeWindow = "event_time_window"
        case customerMapping = "customer_mapping"
        case valueSettings = "value_settings"
    }

    private struct Aggregation: Decodable {
        let formula: String
    }

    private struct PayloadKey: Decodable {
        let type: String?
        let key: String?

        enum CodingKeys: String, CodingKey {
            case type
            case key = "event_payload_key"
        }
    }
}
