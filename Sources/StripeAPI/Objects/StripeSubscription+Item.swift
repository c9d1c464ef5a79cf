extension StripeSubscription {
    /// Stripe's `subscription_item` (docs.stripe.com/api/subscription_items/object): one price that is billed.
    public struct Item: Sendable, Equatable, Decodable, ListElement {
        /// `si_…`.
        public let id: String
        /// `price_…`.
        public let priceID: String
        /// `mtr_…` of a price that bills a meter; nil for any other, legacy metered ones included.
        public let meterID: String?
        /// `metered` or `licensed`; nil for a price that does not recur.
        public let usageType: String?
        /// How a legacy metered price aggregates: `sum`, `max`, `last_during_period`, `last_ever`; nil for any other.
        public let aggregateUsage: String?
        /// The start of the item's period, seconds since the Unix epoch. Up to acacia it is the subscription's.
        public private(set) var periodStart: Int64?
        /// The end of the item's period, seconds since the Unix epoch.
        public private(set) var periodEnd: Int64?

        /// Whether what it bills is usage.
        public var isMetered: Bool { usageType == "metered" }

        /// Reads Stripe's object; fields it does not name are ignored.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try values.decode(String.self, forKey: .id)
            let price = try values.decode(StripePrice.self, forKey: .price)
            priceID = price.id
            meterID = price.meterID
            usageType = price.usageType
            aggregateUsage = price.aggregateUsage
            periodStart = try values.decodeIfPresent(Int64.self, forKey: .periodStart)
            periodEnd = try values.decodeIfPresent(Int64.self, forKey: .periodEnd)
        }

        /// The item with the subscription's period where it has none of its own.
        func inPeriod(start: Int64?, end: Int64?) -> Item {
            var item = self
            item.periodStart = periodStart ?? start
            item.periodEnd = periodEnd ?? end
            return item
        }

        private enum CodingKeys: String, CodingKey {
            case id, price
            case periodStart = "current_period_start"
            case periodEnd = "current_period_end"
        }
    }
}
