/// An invoice of a subscription. Drafts follow the usage; from its finalisation on an invoice stays as it is.
struct Invoice: Codable, Sendable {
    /// The statuses the sandbox gives, of those of Stripe's `invoice` schema.
    enum Status: String, Codable, Sendable {
        case draft, open, paid
    }

    /// Why it was made.
    enum Reason: String, Codable, Sendable {
        case subscriptionCreate = "subscription_create"
        case subscriptionCycle = "subscription_cycle"
        case subscriptionUpdate = "subscription_update"
    }

    let id: String
    let created: Int
    let customer: String
    let subscription: String
    /// The subscription's metadata when the invoice was made.
    let subscriptionMetadata: [String: String]
    let currency: String
    let reason: Reason
    let period: Range<Int>
    var lines: [InvoiceLine]
    var status = Status.draft
    /// When a draft is finalised by itself; nil otherwise.
    var automaticallyFinalizesAt: Int?
    var number: String?
    var finalizedAt: Int?
    var paidAt: Int?

    static func newID() -> String { RandomID.make("in_", length: 24) }

    var total: Int { lines.reduce(0) { $0 + $1.amount } }

    /// How long a draft waits: "approximately one hour" (docs.stripe.com/billing/invoices/subscription).
    static let usualDelaySeconds = 3_600
    /// The longest wait that can be set: 72 hours
    /// (docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period).
    static let longestDelaySeconds = 72 * 3_600
}
