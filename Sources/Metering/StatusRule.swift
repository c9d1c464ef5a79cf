/// What a subscription status means for the gate.
public enum StatusRule: String, Sendable, CaseIterable {
    /// The tenant has the plan of its record.
    case plan
    /// The tenant falls to the catalogue's default plan, or has none if the catalogue has none.
    case defaultPlan = "default_plan"

    /// The rule of each status where the catalogue does not say otherwise: what is paid for, on trial or still being
    /// collected keeps its plan.
    public static let standard: [SubscriptionStatus: StatusRule] = [
        .active: .plan, .trialing: .plan, .pastDue: .plan, .unpaid: .defaultPlan, .paused: .defaultPlan,
        .incomplete: .defaultPlan, .incompleteExpired: .defaultPlan, .canceled: .defaultPlan,
    ]
}
