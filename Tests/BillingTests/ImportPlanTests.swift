import Billing
import Metering
import Testing

@Suite struct ImportPlanTests {
    private let plan = ImportPlan(
        catalogue: Catalogue(
            meters: [],
            plans: [
                Plan(slug: "starter", name: "Starter", prices: ["monthly": "price_s", "yearly": "price_sy"]),
                Plan(slug: "pro", name: "Pro", prices: ["monthly": "price_p"]),
            ]))

    private func subscription(
        _ prices: String..., id: String = "sub_1", status: String = "active", tenant: String? = nil
    ) -> ImportedSubscription {
        ImportedSubscription(
            id: id, status: status, tenant: tenant, anchor: 1_700_000_000,
            items: prices.map { .init(price: $0, periodStart: 1_700_000_000, periodEnd: 1_702_592_000) })
    }

    private func code(_ customer: ImportedCustomer) -> ImportConflict.Code? {
        if case .conflict(let conflict, _) = plan.read(customer) { conflict.code } else { nil }
    }

    private func tenant(_ customer: ImportedCustomer) -> ImportedTenant? {
        if case .tenant(let tenant) = plan.read(customer) { tenant } else { nil }
    }

    @Test func `a tenant is named by the customer, its subscription or the file`() {
        let named = ImportedCustomer(id: "cus_1", tenant: "acme", subscriptions: [subscription("price_s")])
        #expect(tenant(named)?.tenant == "acme")
        #expect(tenant(named)?.subscription?.plan == "starter")
        let below = ImportedCustomer(id: "cus_1", subscriptions: [subscription("price_p", tenant: "acme")])
        #expect(tenant(below)?.subscription?.plan == "pro")
        let mapped = ImportedCustomer(id: "cus_1", mapped: "acme", subscriptions: [subscription("price_sy")])
        #expect(tenant(mapped)?.subscription?.periodEnd == 1_702_592_000)
        #expect(tenant(ImportedCustomer(id: "cus_1", tenant: "acme", mapped: "acme"))?.subscription == nil)
    }

    @Test func `a customer that names nobody is none of ours, unless it pays for a plan`() {
        #expect(plan.read(ImportedCustomer(id: "cus_1")) == .foreign)
        #expect(plan.read(ImportedCustomer(id: "cus_1", subscriptions: [subscription("price_x")])) == .foreign)
        #expect(code(ImportedCustomer(id: "cus_1", subscriptions: [subscription("price_s")])) == .noTenant)
    }

    @Test func `what only people can settle is a conflict that says so`() {
        let two = [subscription("price_s"), subscription("price_p", id: "sub_2")]
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", subscriptions: two)) == .severalSubscriptions)
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", hasMore: true)) == .severalSubscriptions)
        let both = [subscription("price_s", "price_p")]
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", subscriptions: both)) == .severalPlans)
        let strange = [subscription("price_x")]
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", subscriptions: strange)) == .unknownPrice)
        let odd = [subscription("price_s", status: "hibernating")]
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", subscriptions: odd)) == .unknownStatus)
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "no spaces")) == .invalidTenant)
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", mapped: "b")) == .severalTenants)
        let split = [subscription("price_s", tenant: "b")]
        #expect(code(ImportedCustomer(id: "cus_1", tenant: "a", subscriptions: split)) == .severalTenants)
    }

    @Test func `what has ended and what bills only usage says nothing of a plan`() {
        let customer = ImportedCustomer(
            id: "cus_1", tenant: "acme",
            subscriptions: [
                subscription("price_p", id: "sub_old", status: "canceled"),
                subscription("price_usage", "price_s", id: "sub_now", status: "past_due"),
                subscription("price_x", id: "sub_other"),
            ])
        #expect(tenant(customer)?.subscription?.id == "sub_now")
        #expect(tenant(customer)?.subscription?.status == .pastDue)
    }

    @Test func `a tenant that two customers want to be is seen`() {
        let readings = ["cus_1", "cus_2", "cus_3"].map {
            plan.read(ImportedCustomer(id: $0, tenant: $0 == "cus_3" ? "other" : "acme"))
        }
        #expect(ImportPlan.doubled(readings) == ["acme"])
    }
}

@Suite struct ImportedTenantTests {
    private let plan = ImportPlan(
        catalogue: Catalogue(
            meters: [], plans: [Plan(slug: "starter", name: "Starter", prices: ["monthly": "price_s"])]))

    /// 31 January 2026 10:17:00 UTC, and the month from 28 February on.
    private let anchor: Int64 = 1_769_854_620
    private let start: Int64 = 1_772_273_820
    private let end: Int64 = 1_774_952_220

    private func imported(subscription: String? = "sub_1") throws -> ImportedTenant {
        let items = [ImportedSubscription.Item(price: "price_s", periodStart: start, periodEnd: end)]
        let customer = ImportedCustomer(
            id: "cus_1", tenant: "acme",
            subscriptions: subscription.map {
                [ImportedSubscription(id: $0, status: "active", anchor: anchor, items: items)]
            } ?? [])
        guard case .tenant(let tenant) = plan.read(customer) else { throw ImportConflict(.noTenant, "none") }
        return tenant
    }

    private func code(_ step: ImportedTenant.Step) -> ImportConflict.Code? {
        if case .conflict(let conflict) = step { conflict.code } else { nil }
    }

    @Test func `a new tenant has plan, status, period and the billing day of its subscription`() throws {
        guard case .create(let tenant) = try imported().applied(to: nil, defaultPlan: nil, at: 7) else {
            Issue.record("not made")
            return
        }
        #expect(tenant.plan == "starter" && tenant.customer == "cus_1" && tenant.subscription == "sub_1")
        #expect(tenant.status == .active && tenant.createdAt == 7)
        #expect(tenant.periodStart == start && tenant.periodEnd == end)
        // The period began on the 28th, and the next begins on the 31st.
        #expect(tenant.anchor == anchor)
        #expect(try imported().applied(to: tenant, defaultPlan: nil, at: 8) == .unchanged)
    }

    @Test func `what an operator gave a tenant stays`() throws {
        var old = Tenant(id: "acme", plan: "free", createdAt: 1)
        old.limits["messages"] = LimitOverride(9)
        old.restriction = Restriction("stolen key")
        guard case .update(let tenant) = try imported().applied(to: old, defaultPlan: nil, at: 7) else {
            Issue.record("not changed")
            return
        }
        #expect(tenant.limits == old.limits && tenant.restriction == old.restriction && tenant.createdAt == 1)
        #expect(tenant.plan == "starter" && tenant.customer == "cus_1")
    }

    @Test func `a record that is another's at Stripe is left as it is`() throws {
        var old = Tenant(id: "acme", plan: "starter", createdAt: 1)
        old.customer = "cus_2"
        #expect(code(try imported().applied(to: old, defaultPlan: nil, at: 7)) == .otherCustomer)
        old.customer = "cus_1"
        old.subscription = "sub_2"
        #expect(code(try imported().applied(to: old, defaultPlan: nil, at: 7)) == .otherSubscription)
    }

    @Test func `without a subscription it is the plan it has, or the default plan, or a conflict`() throws {
        let imported = try imported(subscription: nil)
        #expect(code(imported.applied(to: nil, defaultPlan: nil, at: 7)) == .noPlan)
        guard case .create(let new) = imported.applied(to: nil, defaultPlan: "free", at: 7),
            case .update(let old) = imported.applied(
                to: Tenant(id: "acme", plan: "pro", createdAt: 1), defaultPlan: "free", at: 7)
        else {
            Issue.record("neither made nor changed")
            return
        }
        #expect(new.plan == "free" && old.plan == "pro" && old.customer == "cus_1")
    }

    @Test func `a period that cannot be one is a conflict`() throws {
        let items = [ImportedSubscription.Item(price: "price_s", periodStart: 0, periodEnd: 0)]
        let customer = ImportedCustomer(
            id: "cus_1", tenant: "acme", subscriptions: [ImportedSubscription(id: "s", status: "active", items: items)])
        guard case .tenant(let tenant) = plan.read(customer) else {
            Issue.record("not read")
            return
        }
        #expect(code(tenant.applied(to: nil, defaultPlan: nil, at: 7)) == .badPeriod)
    }
}
