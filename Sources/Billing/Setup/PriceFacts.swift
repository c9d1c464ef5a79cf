/// What a price at Stripe is, as far as it matters for billing. Texts are Stripe's own.
public struct PriceFacts: Sendable, Equatable {
    /// `price_…`, or whatever id a legacy plan has.
    public var id: String
    /// False for an archived price, which new subscriptions cannot have.
    public var isActive: Bool
    /// An ISO 4217 code in lower case.
    public var currency: String
    /// `day`, `week`, `month` or `year`; nil for a price that is paid once.
    public var interval: String?
    /// How many intervals a period has.
    public var intervalCount: Int64
    /// `licensed` or `metered`; nil for a price that is paid once.
    public var usageType: String?
    /// The meter whose usage it bills; nil for any other.
    public var meter: String?
    /// How usage records add up: `sum`, `last_during_period`, `last_ever` or `max`; only a legacy metered price has it,
    /// and only versions up to 2024-12-18.acacia show it (docs.stripe.com/changelog/basil).
    public var aggregateUsage: String?
    /// Of one unit; nil for tiers, and for a price in which customers choose.
    public var amount: DecimalAmount?
    /// By which it can be found whatever its id; nil for none.
    public var lookupKey: String?

    /// Takes its parts as they are.
    public init(
        id: String, isActive: Bool = true, currency: String = "usd", interval: String? = "month",
        intervalCount: Int64 = 1, usageType: String? = "licensed", meter: String? = nil, aggregateUsage: String? = nil,
        amount: DecimalAmount? = nil, lookupKey: String? = nil
    ) {
        self.id = id
        self.isActive = isActive
        self.currency = currency
        self.interval = interval
        self.intervalCount = intervalCount
        self.usageType = usageType
        self.meter = meter
        self.aggregateUsage = aggregateUsage
        self.amount = amount
        self.lookupKey = lookupKey
    }
}
