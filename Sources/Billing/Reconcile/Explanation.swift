/// Why an hour's total and what Stripe has recorded of it are not the same.
public enum Explanation: String, Sendable, CaseIterable, Codable {
    /// The total has not gone out yet, and goes by itself.
    case owed
    /// A send is under way, or its answer is still awaited.
    case inFlight = "in_flight"
    /// Stripe took it a short while ago, and its summaries follow later.
    case summaryLag = "summary_lag"
    /// The period's books had closed: the rest goes out with the next period.
    case lateRow = "late_row"
    /// An operator wrote the rest off, or another customer or meter was billed for it.
    case dropped
    /// It was never owed: its meter or its tenant was not billed when it was counted.
    case notBilled = "not_billed"
    /// Stripe took it for another customer, meter or subscription item than it would go to now.
    case elsewhere
    /// The tenant has no Stripe customer yet.
    case noCustomer = "no_customer"
    /// Owed, and held by something that does not pass by itself.
    case blocked
    /// Stripe refused it for good.
    case dead
    /// Nothing that is known explains it.
    case unknown

    /// Whether nobody has to act: it passes by itself, or somebody has decided it.
    public var isSettled: Bool {
        switch self {
        case .owed, .inFlight, .summaryLag, .lateRow, .dropped, .notBilled, .elsewhere: true
        case .noCustomer, .blocked, .dead, .unknown: false
        }
    }

    /// A few words for people.
    public var words: String {
        switch self {
        case .owed: "owed: goes out by itself"
        case .inFlight: "a send is under way"
        case .summaryLag: "sent; Stripe's summaries follow later"
        case .lateRow: "too late for its period: goes out with the next"
        case .dropped: "written off, or billed elsewhere before"
        case .notBilled: "counted while it was not billed"
        case .elsewhere: "sent to the customer, meter or item of then"
        case .noCustomer: "the tenant has no Stripe customer"
        case .blocked: "owed, and held"
        case .dead: "refused by Stripe: see tollgate outbox --dead"
        case .unknown: "not explained"
        }
    }
}
