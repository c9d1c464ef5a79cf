/// Stripe's `price` (docs.stripe.com/api/prices/object), with the fields that decide what it bills. Open enumerations
/// stay text.
public struct StripePrice: Sendable, Equatable, Decodable, ListElement {
    /// `price_…`.
    public let id: String
    /// Whether it can be used for new subscriptions.
    public let isActive: Bool
    /// Three letters in lower case; nil where Stripe leaves it out.
    public let currency: String?
    /// `prod_…`; nil where Stripe leaves it out.
    public let productID: String?
    /// `metered` or `licensed`; nil for a price that does not recur.
    public let usageType: String?
    /// `mtr_…` of a price that bills a meter.
    public let meterID: String?
    /// `day`, `week`, `month` or `year`; nil for a price that does not recur.
    public let interval: String?
    /// How many intervals a period has.
    public let intervalCount: Int64?
    /// How a legacy metered price aggregates, up to acacia only.
    public let aggregateUsage: String?
    /// A decimal number of the currency's smallest unit; nil for tiered prices.
    public let unitAmountDecimal: String?
    /// A name that programs can ask for.
    public let lookupKey: String?
    /// A name for people.
    public let nickname: String?
    /// What its owner wrote on it.
    public let metadata: [String: String]

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        isActive = try values.decodeIfPresent(Bool.self, forKey: .active) ?? true
        currency = try values.decodeIfPresent(String.self, forKey: .currency)
        productID = try values.decodeIfPresent(ExpandableID.self, forKey: .product)?.id
        let recurring = try values.decodeIfPresent(Recurring.self, forKey: .recurring)
        usageType = recurring?.usageType
        meterID = recurring?.meter
        interval = recurring?.interval
        intervalCount = recurring?.intervalCount
        aggregateUsage = recurring?.aggregateUsage
        unitAmountDecimal = try values.decodeIfPresent(String.self, forKey: .unitAmountDecimal)
        lookupKey = try values.decodeIfPresent(String.self, forKey: .lookupKey)
        nickname = try values.decodeIfPresent(String.self, forKey: .nickname)
        metadata = try values.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    }

    private enum CodingKeys: String, CodingKey {
        case id, active, currency, product, recurring, nickname, metadata
        case unitAmountDecimal = "unit_amount_decimal"
        case lookupKey = "lookup_key"
    }

    private struct Recurring: Decodable {
        let usageType: String?
        let meter: String?
        let interval: String?
        let intervalCount: Int64?
        let aggregateUsage: String?

        enum CodingKeys: String, CodingKey {
            case meter, interval
            case usageType = "usage_type"
            case intervalCount = "interval_count"
            case aggregateUsage = "aggregate_usage"
        }
    }
}
