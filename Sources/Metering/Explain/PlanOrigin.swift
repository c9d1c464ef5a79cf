/// Why a tenant has the plan it has.
public enum PlanOrigin: String, Sendable, CaseIterable {
    /// Its record names it.
    case record
    /// It has no record, and the catalogue has a plan for such.
    case defaultPlan = "default_plan"
    /// Its subscription's status has taken the place of the record's plan.
    case statusRule = "status_rule"
    /// It has none: see ``Entitlement/access``.
    case none
}

extension Catalogue {
    /// Where the plan of ``entitlement(of:at:)`` comes from.
    public func planOrigin(of tenant: Tenant?) -> PlanOrigin {
        guard let tenant else { return defaultPlan == nil ? .none : .defaultPlan }
        switch tenant.status.map({ subscriptionStatus[$0] ?? .plan }) ?? .plan {
        case .plan: return plan(tenant.plan) == nil ? .none : .record
        case .defaultPlan: return defaultPlan == nil ? .none : .statusRule
        }
    }
}
