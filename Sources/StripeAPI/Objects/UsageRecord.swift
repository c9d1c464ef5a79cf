/// Stripe's `usage_record`, as API versions up to 2024-12-18.acacia have it (docs.stripe.com/api/usage_records/object).
public struct UsageRecord: Sendable, Equatable, Decodable, Replayable {
    /// `mbur_…`.
    public let id: String
    /// The quantity at that timestamp.
    public let quantity: Int64
    /// `si_…`.
    public let subscriptionItem: String
    /// Seconds since the Unix epoch.
    public let timestamp: Int64
    /// Whether this is the saved answer to an earlier request with the same key (`Idempotent-Replayed`).
    public internal(set) var isReplayed = false

    private enum CodingKeys: String, CodingKey {
        case id, quantity, timestamp
        case subscriptionItem = "subscription_item"
    }
}

/// Stripe's `usage_record_summary`: what an item has recorded in one billing period.
public struct UsageRecordSummary: Sendable, Equatable, Decodable, ListElement {
    /// Names the row when the next page is asked for.
    public let id: String
    /// `in_…`; nil for the period that runs.
    public let invoice: String?
    /// The period's start, seconds since the Unix epoch; nil before the item's first.
    public let periodStart: Int64?
    /// The period's end, seconds since the Unix epoch; nil while it is not known.
    public let periodEnd: Int64?
    /// The period's usage, aggregated as the price says.
    public let totalUsage: Int64

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        invoice = try values.decodeIfPresent(ExpandableID.self, forKey: .invoice)?.id
        let period = try values.decodeIfPresent(Span.self, forKey: .period)
        periodStart = period?.start
        periodEnd = period?.end
        totalUsage = try values.decode(Int64.self, forKey: .totalUsage)
    }

    private enum CodingKeys: String, CodingKey {
        case id, invoice, period
        case totalUsage = "total_usage"
    }

    private struct Span: Decodable {
        let start: Int64?
        let end: Int64?
    }
}
