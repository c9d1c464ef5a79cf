import Metering
import Testing

struct EntitlementTests {
    private let meters = [
        Meter(name: "messages", kind: .counter, cycle: .month), Meter(name: "tokens", kind: .counter, cycle: .period),
        Meter(name: "api_requests", kind: .rate, cycle: .minute), Meter(name: "seats", kind: .level),
    ]
    private let plans = [
        Plan(slug: "free", name: "Free", limits: ["messages": Limit(value: 0)]),
        Plan(
            slug: "starter", name: "Starter", features: ["sla"],
            limits: [
                "messages": Limit(value: 1_000, leaseOff: true), "tokens": Limit(value: 100, mode: .overage, cap: 500),
                "api_requests": Limit(value: 20),
            ]),
    ]

    private func catalogue(defaultPlan: String? = "free") -> Catalogue {
        Catalogue(
            meters: meters, plans: plans, defaultPlan: defaultPlan, features: ["sla"],
            subscriptionStatus: [.paused: .plan])
    }

    private func tenant(
        plan: String = "starter", status: SubscriptionStatus? = nil, restricted: String? = nil,
        limits: [String: Int64] = [:]
    ) -> Tenant {
        var tenant = Tenant(id: "acme", plan: plan, createdAt: 0)
        tenant.status = status
        tenant.restrictedReason = restricted
        tenant.limits = limits
        return tenant
    }

    @Test func `a stranger has the default plan, or is unknown`() {
        let stranger = catalogue().entitlement(of: nil)
        #expect(stranger.access == .ok && stranger.plan?.slug == "free")
        let unknown = catalogue(defaultPlan: nil).entitlement(of: nil)
        #expect(unknown.access == .unknownTenant && unknown.plan == nil)
        #expect(unknown.access.refusal == .unknownTenant)
    }

    @Test(
        arguments: [
            (nil, "starter"), (.active, "starter"), (.trialing, "starter"), (.pastDue, "starter"), (.unpaid, "free"),
            (.incomplete, "free"), (.incompleteExpired, "free"), (.canceled, "free"),
            // The catalogue says otherwise than the standard.
            (.paused, "starter"),
        ] as [(SubscriptionStatus?, String)])
    func `the status of the subscription chooses the plan`(status: SubscriptionStatus?, slug: String) {
        let entitlement = catalogue().entitlement(of: tenant(status: status))
        #expect(entitlement.access == .ok && entitlement.plan?.slug == slug)
    }

    @Test func `without a default plan an ended subscription is no subscription`() {
        let entitlement = catalogue(defaultPlan: nil).entitlement(of: tenant(status: .canceled))
        #expect(entitlement.access == .noSubscription && entitlement.limit(for: "messages") == nil)
    }

    @Test func `a plan that the catalogue lacks is no subscription, not the default plan`() {
        #expect(catalogue().entitlement(of: tenant(plan: "gone")).access == .noSubscription)
    }

    @Test func `a restricted tenant is restricted whatever its subscription, and keeps its plan for display`() {
        let entitlement = catalogue().entitlement(of: tenant(restricted: "unpaid"))
        #expect(entitlement.access == .restricted && entitlement.plan?.slug == "starter")
        #expect(catalogue().entitlement(of: tenant(plan: "gone", restricted: "x")).access == .restricted)
    }

    @Test func `a tenant's own limit replaces the value and nothing else`() {
        let own = catalogue().entitlement(of: tenant(limits: ["messages": 5_000, "tokens": 700, "seats": 9]))
        #expect(own.limit(for: "messages") == Limit(value: 5_000, leaseOff: true))
        // The cap is lifted where it would lie below the limit.
        #expect(own.limit(for: "tokens") == Limit(value: 700, mode: .overage, cap: 700))
        // The plan does not name it: a number does not put it into the plan.
        #expect(own.limit(for: "seats") == nil)
        #expect(own.limit(for: "api_requests") == Limit(value: 20))

        let unlimited = catalogue().entitlement(of: tenant(limits: ["tokens": -1])).limit(for: "tokens")
        #expect(unlimited?.isUnlimited == true && unlimited?.cap == nil)
    }

    @Test func `the burst of a rate is its limit unless it is stated`() {
        #expect(Limit(value: 20).effectiveBurst == 20)
        #expect(Limit(value: 20, burst: 5).effectiveBurst == 5)
    }

    @Test func `features are those of the plan`() {
        #expect(catalogue().entitlement(of: tenant()).hasFeature("sla"))
        #expect(!catalogue().entitlement(of: nil).hasFeature("sla"))
        #expect(!catalogue().entitlement(of: tenant(plan: "gone")).hasFeature("sla"))
    }

    @Test func `a limit of a tenant's own is checked before it is stored`() {
        let catalogue = catalogue()
        for (value, meter) in [(0, "messages"), (-1, "seats"), (60_000_000, "api_requests")] as [(Int64, String)] {
            #expect(catalogue.problem(withLimit: value, for: meter) == nil)
        }
        #expect(
            catalogue.problem(withLimit: 1, for: "mesages")
                == "unknown meter \"mesages\": messages, tokens, api_requests, seats")
        #expect(
            catalogue.problem(withLimit: -2, for: "messages")
                == "a limit is 0 to 999999999999999, or -1 for unlimited, not -2")
        #expect(
            catalogue.problem(withLimit: 60_000_001, for: "api_requests")
                == "a rate of 60000001 per minute is finer than one call a microsecond")
    }

    @Test func `meters and plans are found by name`() {
        let catalogue = catalogue()
        for meter in catalogue.meters { #expect(catalogue.meter(meter.name) == meter) }
        #expect(catalogue.meter("message") == nil && catalogue.plan("nope") == nil)
        #expect(catalogue.plan("starter") == plans[1] && catalogue.defaultPlan == plans[0])
    }
}
