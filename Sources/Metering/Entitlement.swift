/// What a tenant may have now: its plan as its record, its subscription and the catalogue together make it. Made by
/// ``Catalogue/entitlement(of:at:)``.
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

    /// The first second, in Unix time, in which it is another, because an own limit, a grant or a restriction has run
    /// out; `Int64.max` if only another record or catalogue makes it another.
    public let validUntil: Int64

    private let overrides: [String: Int64]
    private let grants: [Grant]
    /// When it was made.
    private let second: Int64

    init(
        access: Access, plan: Plan?, overrides: [String: Int64] = [:], grants: [Grant] = [], second: Int64 = 0,
        validUntil: Int64 = .max
    ) {
        self.access = access
        self.plan = plan
        self.overrides = overrides
        self.grants = grants
        self.second = second
        self.validUntil = validUntil
    }

    /// The limit of a meter: the plan's, with the tenant's own value if it has one, and for a counter what grants lift
    /// it by in this period of it. Nil if the plan does not name the meter, whatever the tenant's own limits say.
    ///
    /// From a grant's end until it is settled the limit is lower than it was and will be: it has no alerts then.
    ///
    /// - Parameter period: The counter's period; nil for meters of another kind, which have no grants.
    public func limit(for meter: String, in period: Period?) -> Limit? {
        guard let limit = plan?.limits[meter] else { return nil }
        var own = overrides[meter].map { limit.replacingValue(with: $0) } ?? limit
        guard let period, !grants.isEmpty else { return own }
        let granted = grants.reduce(Int64(0)) { sum, grant in
            grant.meter == meter ? min(Amount.largest, sum + grant.allowance(in: period.start, at: second)) : sum
        }
        let isDipped = grants.contains {
            $0.meter == meter && $0.periodStart == period.start && $0.drawn == nil && $0.end <= second
        }
        if isDipped { own.alerts = [] }
        return own.lifted(by: granted)
    }

    /// True if the plan has the feature.
    public func hasFeature(_ feature: String) -> Bool {
        plan?.features.contains(feature) ?? false
    }
}
