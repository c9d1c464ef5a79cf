/// Why a decision is what it is. The raw values are the words on the wire.
public enum DecisionReason: String, Sendable, CaseIterable {
    /// Allowed, within every limit.
    case ok
    /// Allowed past the limit, and billed.
    case overage
    /// Allowed, and would be refused were the limit not in shadow mode.
    case shadow
    /// Refused: there is no default plan, and nobody put this tenant.
    case unknownTenant = "unknown_tenant"
    /// Refused: dunning or an operator has restricted the tenant.
    case restricted
    /// Refused: the tenant's subscription gives it no plan.
    case noSubscription = "no_subscription"
    /// Refused: the plan does not name the meter or feature.
    case notInPlan = "not_in_plan"
    /// Refused: more is asked for than the limit ever allows.
    case tooLarge = "too_large"
    /// Refused: the limit is used up.
    case limitExceeded = "limit_exceeded"
    /// Refused: too many calls in a short time.
    case rateLimited = "rate_limited"
    /// Redis is out of reach, and the limit's failure policy has decided.
    case degraded

    /// The reasons of a refusal, most telling first: where several apply, the first is the one that is said.
    public static let refusalsByPriority: [DecisionReason] = [
        .unknownTenant, .restricted, .noSubscription, .notInPlan, .tooLarge, .limitExceeded, .rateLimited,
    ]

    /// The place in ``refusalsByPriority``, 0 first; nil for reasons that do not refuse by themselves.
    public var refusalPriority: Int? {
        switch self {
        case .unknownTenant: 0
        case .restricted: 1
        case .noSubscription: 2
        case .notInPlan: 3
        case .tooLarge: 4
        case .limitExceeded: 5
        case .rateLimited: 6
        case .ok, .overage, .shadow, .degraded: nil
        }
    }
}
