public import Metering

/// A tenant as Stripe's objects describe it.
public struct ImportedTenant: Sendable, Equatable {
    /// What its subscription says. Times are Unix seconds.
    public struct Subscription: Sendable, Equatable {
        /// `sub_…`.
        public var id: String
        /// The slug of the plan that has its price.
        public var plan: String
        /// Its status.
        public var status: SubscriptionStatus
        /// The current period's start.
        public var periodStart: Int64
        /// The current period's end, exclusive.
        public var periodEnd: Int64
        /// The instant that its periods are counted from.
        public var anchor: Int64?
    }

    /// What becomes of a tenant's record.
    public enum Step: Sendable, Equatable {
        /// There is none: this one is written.
        case create(Tenant)
        /// It is changed to this one.
        case update(Tenant)
        /// It says all of it already.
        case unchanged
        /// It is left as it is.
        case conflict(ImportConflict)
    }

    /// Its id.
    public let tenant: String
    /// `cus_…`.
    public let customer: String
    /// Nil for a customer without one.
    public let subscription: Subscription?

    /// What becomes of the record that is there (nil: none). What it says and Stripe does not, such as limits and
    /// grants of its own, stays.
    ///
    /// - Parameters:
    ///   - defaultPlan: the slug of the plan of tenants without a subscription; nil for none.
    ///   - now: Unix seconds, of a new record.
    public func applied(to old: Tenant?, defaultPlan: String?, at now: Int64) -> Step {
        do throws(ImportConflict) {
            try check(old)
            guard let plan = subscription?.plan ?? old?.plan ?? defaultPlan else {
                throw ImportConflict(
                    .noPlan,
                    "\(customer) has no subscription and the catalogue no default_plan: put \(tenant) by hand with a "
                        + "plan")
            }
            var record = old ?? Tenant(id: tenant, plan: plan, createdAt: now)
            record.plan = plan
            record.customer = customer
            if let subscription { try put(subscription, into: &record) }
            guard let old else { return .create(record) }
            return record == old ? .unchanged : .update(record)
        } catch {
            return .conflict(error)
        }
    }

    /// - Throws: If the record is somebody else's at Stripe: which of the two is right, only people know.
    private func check(_ old: Tenant?) throws(ImportConflict) {
        if let other = old?.customer, other != customer {
            throw ImportConflict(
                .otherCustomer,
                "\(tenant) has the customer \(other), not \(customer): correct the metadata at Stripe, or "
                    + "`tollgate tenant put \(tenant) --customer \(customer)`")
        }
        if let other = old?.subscription, let subscription, other != subscription.id {
            throw ImportConflict(
                .otherSubscription,
                "\(tenant) has the subscription \(other), not \(subscription.id): if that one has ended, "
                    + "`tollgate tenant put \(tenant) --subscription \(subscription.id)` and import again")
        }
    }

    private func put(_ subscription: Subscription, into record: inout Tenant) throws(ImportConflict) {
        record.subscription = subscription.id
        record.status = subscription.status
        do throws(TenantRecordError) {
            if record.periodStart != subscription.periodStart || record.periodEnd != subscription.periodEnd {
                try record.setPeriod(start: subscription.periodStart, end: subscription.periodEnd)
            }
            if let anchor = subscription.anchor { try record.setAnchor(anchor) }
        } catch {
            throw ImportConflict(.badPeriod, "\(subscription.id): \(error.field): \(error.problem)")
        }
    }
}
