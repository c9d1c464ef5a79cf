import FoundationEssentials

/// A price of a product: what one unit, or one period, costs.
struct Price: Codable, Sendable {
    /// How often a recurring price bills.
    enum Interval: String, CaseIterable, Codable, Sendable {
        case day, week, month, year
    }

    /// Where the quantity comes from: the subscription item, or the usage of the period.
    enum UsageType: String, CaseIterable, Codable, Sendable {
        case licensed, metered
    }

    /// How a legacy metered price, one without a meter, makes one quantity of the usage records of a period. Removed
    /// with 2025-03-31.basil (docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
    enum AggregateUsage: String, CaseIterable, Codable, Sendable {
        case lastDuringPeriod = "last_during_period"
        case lastEver = "last_ever"
        case max, sum
    }

    struct Recurring: Codable, Sendable {
        let interval: Interval
        let intervalCount: Int
        let usageType: UsageType
        /// The meter's id; a metered price has either this or `aggregateUsage`.
        let meter: String?
        let aggregateUsage: AggregateUsage?
    }

    let id: String
    let created: Int
    let product: String
    let currency: String
    /// What one unit costs, in the currency's smallest unit; may be a fraction.
    let unitAmount: Decimal
    /// Nil for a price that is paid once.
    let recurring: Recurring?
    let taxBehavior: String
    var isActive = true
    var nickname: String?
    var lookupKey: String?
    var metadata: [String: String] = [:]

    static func newID() -> String { RandomID.make("price_", length: 24) }

    var isMetered: Bool { recurring?.usageType == .metered }

    /// A metered price whose usage comes as usage records of its subscription items.
    var isLegacyMetered: Bool { isMetered && recurring?.meter == nil }
}
