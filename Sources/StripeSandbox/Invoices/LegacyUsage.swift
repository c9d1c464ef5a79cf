import FoundationEssentials

/// The usage of legacy metered items: the one place where invoices read usage records.
extension Account {
    /// What an item's usage records of a period add up to, by its price's `aggregate_usage`.
    func legacyUsage(of item: SubscriptionItem, _ aggregate: Price.AggregateUsage, in period: Range<Int>) -> Decimal {
        let range = aggregate == .lastEver ? 0..<period.upperBound : period
        let records = state.usageRecords.records(item.id, in: range)
        return switch aggregate {
        case .sum: records.reduce(Decimal(0)) { $0 + Decimal($1.quantity) }
        case .max: Decimal(records.map(\.quantity).max() ?? 0)
        case .lastEver, .lastDuringPeriod: Decimal(records.last?.quantity ?? 0)
        }
    }
}
