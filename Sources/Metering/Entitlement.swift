/// What a tenant may have now: its plan as its record, its subscription and the catalogue together make it. Made by
/// ``Catalogue/entitlement(of:)``.
public struct Entitlement: Sendable, Equatable {
    /// Whether any call of the tenant can be allowed.
    public enum Access: Sendable, Equatable {
        /// Limits decide.
        case ok
        /// Nobody put the tenant, and there is no default plan.
        case unknownTenant
        /// The record is marked as restricted.
        case restricted
        /// Neither the record nor the catalogue's default gives a plan that the catalogue has.
        case noSubscription

        /// The reason of a refusal; nil if limits decide.
        public var refusal: DecisionReason? {
            switch self {
            case .ok: nil
            case .unknownTenant: .unknownTenant
            case .restricted: .restricted
            case .noSubscription: .noSubscription
            }
        }
    }

    /// Whether any call can be allowed.
    public let access: Access
    /// The plan that counts. A restricted tenant keeps its plan for display; nil if there is none.
    public let plan: Plan?

    private let overrides: [String: Int64]

    init(access: Access, plan: Plan?, overrides: [String: Int64] = [:]) {
        self.access = access
        self.plan = plan
        self.overrides = overrides
    }

    /// The limit of a meter: the plan's, with the tenant's own value if it has one. Nil if the plan does not name the
    /// meter, whatever the tenant's own limits say.
    public func limit(for meter: String) -> Limit? {
        guard let limit = plan?.limits[meter] else { return nil }
        return overrides[meter].map { limit.replacingValue(with: $0) } ?? limit
    }

    /// True if the plan has the feature.
    public func hasFeature(_ feature: String) -> Bool {
        plan?.features.contains(feature) ?? false
    }
}
