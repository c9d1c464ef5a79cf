/// Stripe's `subscription` (docs.stripe.com/api/subscriptions/object), in one shape whatever the API version.
public struct StripeSubscription: Sendable, Equatable, Decodable, ListElement {
    /// `sub_…`.
    public let id: String
    /// `cus_…`.
    public let customer: String
    /// `active`, `trialing`, `past_due`, …; an open enumeration.
    public let status: String
    /// What its owner wrote on it.
    public let metadata: [String: String]
    /// What it bills, in Stripe's order.
    public internal(set) var items: [Item]
    /// The start of the period that runs, seconds since the Unix epoch. Up to acacia the subscription has it; since
    /// basil each item has its own, and this is that of the first metered item, else of the first
    /// (docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end).
    public let periodStart: Int64?
    /// The end of that period, seconds since the Unix epoch.
    public let periodEnd: Int64?
    /// The instant that periods are counted from, seconds since the Unix epoch.
    public let billingCycleAnchor: Int64
    /// Whether it ends with the period that runs.
    public let cancelAtPeriodEnd: Bool
    /// Whether Stripe left items out of the answer.
    let hasMoreItems: Bool

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        customer = try values.decode(ExpandableID.self, forKey: .customer).id
        status = try values.decode(String.self, forKey: .status)
        metadata = try values.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
        billingCycleAnchor = try values.decode(Int64.self, forKey: .billingCycleAnchor)
        cancelAtPeriodEnd = try values.decodeIfPresent(Bool.self, forKey: .cancelAtPeriodEnd) ?? false
        let start = try values.decodeIfPresent(Int64.self, forKey: .periodStart)
        let end = try values.decodeIfPresent(Int64.self, forKey: .periodEnd)
        let list = try values.decode(StripeList<Item>.self, forKey: .items)
        items = list.data.map { $0.inPeriod(start: start, end: end) }
        hasMoreItems = list.hasMore
        let measure = items.first(where: \.isMetered) ?? items.first
        periodStart = start ?? measure?.periodStart
        periodEnd = end ?? measure?.periodEnd
    }

    private enum CodingKeys: String, CodingKey {
        case id, customer, status, metadata, items
        case periodStart = "current_period_start"
        case periodEnd = "current_period_end"
        case billingCycleAnchor = "billing_cycle_anchor"
        case cancelAtPeriodEnd = "cancel_at_period_end"
    }
}
