import FoundationEssentials

/// The usage of legacy metered items: the one place where invoices read usage records.
extension Account {
    /// What an item's usage records of a period add up to, by its price's `aggregate_usage`.
    func legacyUsage(of item: SubscriptionItem, _ aggregate: Price.AggregateUsage, in period: Range<Int>) -> Decimal {
        0
    }
}
