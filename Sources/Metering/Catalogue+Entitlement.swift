extension Catalogue {
    /// What a tenant is entitled to by this catalogue in a second of Unix time, and until when that holds.
    ///
    /// A tenant that nobody put (nil) has the default plan. One with a subscription status follows the rule of that
    /// status: its own plan, or the default plan. One without a status has its own plan. A plan that is not in the
    /// catalogue, because it was removed while tenants were still on it, counts as none: such a tenant is refused as
    /// `no_subscription` until it is put on another, rather than given the default plan by a slip of the pen.
    public func entitlement(of tenant: Tenant?, at second: Int64) -> Entitlement {
        guard let tenant else {
            return Entitlement(access: defaultPlan == nil ? .unknownTenant : .ok, plan: defaultPlan)
        }
        let rule = tenant.status.map { subscriptionStatus[$0] ?? .plan } ?? .plan
        let plan: Plan? =
            switch rule {
            case .plan: plan(tenant.plan)
            case .defaultPlan: defaultPlan
            }
        let isRestricted = tenant.restriction?.isInForce(at: second) ?? false
        let access: Entitlement.Access =
            if isRestricted { .restricted } else if plan == nil { .noSubscription } else { .ok }
        var ends = tenant.limits.values.compactMap(\.until) + tenant.grants.filter { $0.drawn == nil }.map(\.end)
        if let end = tenant.restriction?.until { ends.append(end) }
        return Entitlement(
            access: access, plan: plan,
            overrides: tenant.limits.filter { $0.value.isInForce(at: second) }.mapValues(\.value),
            grants: tenant.grants, second: second, validUntil: ends.filter { $0 > second }.min() ?? .max)
    }

    /// What is wrong with giving a tenant its own limit for a meter, and what is allowed; nil if nothing is.
    public func problem(withLimit value: Int64, for meterName: String) -> String? {
        guard let meter = meter(meterName) else {
            return "unknown meter \"\(meterName)\": \(meters.map(\.name).joined(separator: ", "))"
        }
        guard value == Amount.unlimited || (0...Amount.largest).contains(value) else {
            return "a limit is 0 to \(Amount.largest), or -1 for unlimited, not \(value)"
        }
        if meter.kind == .rate, value > 0, let length = meter.cycle?.fixedMicroseconds,
            GCRA(limit: value, periodMicroseconds: length, burst: value) == nil
        {
            return "a rate of \(value) per \(meter.cycle?.rawValue ?? "") is finer than one call a microsecond"
        }
        return nil
    }
}
