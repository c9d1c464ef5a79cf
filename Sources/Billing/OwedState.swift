/// Where an owed hour stands, for operators: `description` is what they read.
public enum OwedState: Sendable, Equatable, CustomStringConvertible {
    /// Goes out with the next flush.
    case owed
    /// A send is under way, or its answer is still awaited.
    case sending
    /// The tenant has no Stripe customer yet.
    case noCustomer
    /// The meter at Stripe is not what its mode needs; the text says why.
    case meterUnfit(String)
    /// Waits after a failure, until this instant in milliseconds since the Unix epoch.
    case backingOff(until: Int64)
    /// A period's edge lies in the hour, and the event must not be stamped before it has passed.
    case edgeNotPast
    /// No Stripe key is configured.
    case noKey
    /// Stripe refused the key or the configuration; nothing is sent until it changes. The text says why.
    case halted(String)
    /// Stripe refused it for good; the text says why. An operator must act.
    case refused(String)
    /// Stripe takes no meter event older than 35 days (docs.stripe.com/api/billing/meter-event/create).
    case tooOld
    /// The books of its period have closed: what the period lacks goes out with the next one, not before this instant
    /// in milliseconds since the Unix epoch.
    case late(until: Int64)
    /// Its period is over at Stripe, and the tenant's record states another one.
    case periodUnknown
    /// The tenant's subscription has no item with the meter's price; the text says more.
    case noItem(String)
    /// Another daemon sends it.
    case elsewhere
    /// It waits until it can be compared with what Stripe recorded.
    case comparing
    /// More was given back than it has, which no usage record can say: it lowers what else is used in its period, and
    /// what is left then goes to the next.
    case credit
    /// Stripe refused it for good: `tollgate outbox --dead` has it.
    case dead

    /// A short name that programs can match on.
    public var name: String {
        switch self {
        case .owed: "owed"
        case .sending: "sending"
        case .noCustomer: "no_customer"
        case .meterUnfit: "meter_unfit"
        case .backingOff: "backing_off"
        case .edgeNotPast: "edge_not_past"
        case .noKey: "no_key"
        case .halted: "halted"
        case .refused: "refused"
        case .tooOld: "too_old"
        case .late: "late"
        case .periodUnknown: "period_unknown"
        case .noItem: "no_item"
        case .elsewhere: "elsewhere"
        case .comparing: "comparing"
        case .credit: "credit"
        case .dead: "dead"
        }
    }

    /// A few words for people.
    public var description: String {
        switch self {
        case .owed: "owed"
        case .sending: "sending"
        case .noCustomer: "waiting for a customer"
        case .meterUnfit(let why): "meter unfit: \(why)"
        case .backingOff: "waiting after a failure"
        case .edgeNotPast: "waiting for the period's edge in this hour"
        case .noKey: "STRIPE_SECRET_KEY is not set"
        case .halted(let why): "halted: \(why)"
        case .refused(let why): "refused by Stripe: \(why)"
        case .tooOld: "older than the 35 days Stripe takes"
        case .late: "late for its period: goes out with the next one"
        case .periodUnknown: "its period is over at Stripe: put the tenant's new one (tollgate tenant put)"
        case .noItem(let why): "no subscription item: \(why)"
        case .elsewhere: "another daemon sends it"
        case .comparing: "waiting to be compared with Stripe"
        case .credit: "a credit: lowers what else is used in its period"
        case .dead: "a dead letter"
        }
    }
}
