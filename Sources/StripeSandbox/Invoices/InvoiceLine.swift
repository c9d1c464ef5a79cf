import FoundationEssentials

/// One line of an invoice: what an item costs for one period.
struct InvoiceLine: Codable, Sendable {
    /// Where the quantity of a metered line comes from. Until its invoice is finalised it is read anew each time.
    enum Usage: Codable, Sendable {
        case meter(String)
        case records(Price.AggregateUsage)
    }

    let id: String
    let item: String
    let price: String
    let product: String
    let description: String
    let period: Range<Int>
    let isProration: Bool
    let unitAmount: Decimal
    /// Nil for a licensed price.
    let usage: Usage?
    /// May be a fraction; on the invoice it is a whole number.
    var quantity: Decimal
    /// In the currency's smallest unit.
    var amount: Int

    /// Sets the quantity of a metered line. A total below zero bills nothing
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api: negative values).
    mutating func setUsage(_ value: Decimal) {
        quantity = value
        amount = Self.whole(max(0, value) * unitAmount)
    }

    /// The largest amount of a line; no sum of an invoice's lines leaves 64 bits.
    static let maximumAmount = 1_000_000_000_000_000

    /// Rounded half away from zero, and held within the largest amount.
    static func whole(_ value: Decimal) -> Int {
        let parts = value.description.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = Int(parts[0]), abs(whole) < maximumAmount else {
            return value < 0 ? -maximumAmount : maximumAmount
        }
        let roundsUp = parts.count == 2 && parts[1].utf8.first.map { $0 >= UInt8(ascii: "5") } ?? false
        return roundsUp ? whole + (value < 0 ? -1 : 1) : whole
    }
}
