/// A customer's subscription: prices that are billed period by period.
struct Subscription: Codable, Sendable {
    /// The statuses the sandbox gives or takes, of those of Stripe's `subscription` schema.
    enum Status: String, CaseIterable, Codable, Sendable {
        case incomplete, incompleteExpired = "incomplete_expired"
        case trialing, active
        case pastDue = "past_due"
        case canceled, unpaid, paused
    }

    let id: String
    let created: Int
    let customer: String
    let currency: String
    /// All periods begin at a whole number of intervals from here.
    var billingCycleAnchor: Int
    var status = Status.active
    var items: [SubscriptionItem]
    var metadata: [String: String] = [:]
    var description: String?
    var isCancelledAtPeriodEnd = false
    var cancelAt: Int?
    var canceledAt: Int?
    var endedAt: Int?
    var cancellation: [String: JSONValue] = [:]
    var latestInvoice: String?

    static func newID() -> String { RandomID.make("sub_", length: 24) }

    /// Whether it has ended and is never billed again.
    var hasEnded: Bool { status == .canceled || status == .incompleteExpired }
}
