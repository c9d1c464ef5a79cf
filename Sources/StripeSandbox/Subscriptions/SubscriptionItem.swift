/// One price of a subscription, with the billing period it is in.
struct SubscriptionItem: Codable, Sendable {
    let id: String
    let created: Int
    var price: String
    /// Nil for a metered price.
    var quantity: Int?
    var metadata: [String: String] = [:]
    /// The current period, seconds since 1970; the end is the start of the next one.
    var period: Range<Int>
    /// The period before it; nil in the first one.
    var previousPeriod: Range<Int>?

    static func newID() -> String { RandomID.make("si_") }
}
