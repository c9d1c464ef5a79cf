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
        tenant.restriction = restricted.map { Restriction($0) }
        tenant.limits = limits.mapValues { LimitOverride($0) }
        return tenant
    }

    @Test func `a stranger has the default plan, or is unknown`() {
        let stranger = catalogue().entitlement(of: nil, at: 0)
        #expect(stranger.access == .ok && stranger.plan?.slug == "free")
        let unknown = catalogue(defaultPlan: nil).entitlement(of: nil, at: 0)
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
        let entitlement = catalogue().entitlement(of: tenant(status: status), at: 0)
        #expect(entitlement.access == .ok && entitlement.plan?.slug == slug)
    }

    @Test func `without a default plan an ended subscription is no subscription`() {
        let entitlement = catalogue(defaultPlan: nil).entitlement(of: tenant(status: .canceled), at: 0)
        #expect(entitlement.access == .noSubscription && entitlement.limit(for: "messages", in: nil) == nil)
    }

    @Test func `a plan that the catalogue lacks is no subscription, not the default plan`() {
        #expect(catalogue().entitlement(of: tenant(plan: "gone"), at: 0).access == .noSubscription)
    }

    @Test func `a restricted tenant is restricted whatever its subscription, and keeps its plan for display`() {
        let entitlement = catalogue().entitlement(of: tenant(restricted: "unpaid"), at: 0)
        #expect(entitlement.access == .restricted && entitlement.plan?.slug == "starter")
        #expect(catalogue().entitlement(of: tenant(plan: "gone", restricted: "x"), at: 0).access == .restricted)
    }

    @Test func `a tenant's own limit replaces the value and nothing else`() {
        let own = catalogue().entitlement(of: tenant(limits: ["messages": 5_000, "tokens": 700, "seats": 9]), at: 0)
        #expect(own.limit(for: "messages", in: nil) == Limit(value: 5_000, leaseOff: true))
        // The cap is lifted where it would lie below the limit.
        #expect(own.limit(for: "tokens", in: nil) == Limit(value: 700, mode: .overage, cap: 700))
        // The plan does not name it: a number does not put it into the plan.
        #expect(own.limit(for: "seats", in: nil) == nil)
        #expect(own.limit(for: "api_requests", in: nil) == Limit(value: 20))

        let unlimited = catalogue().entitlement(of: tenant(limits: ["tokens": -1]), at: 0).limit(for: "tokens", in: nil)
        #expect(unlimited?.isUnlimited == true && unlimited?.cap == nil)
    }

    @Test func `the burst of a rate is its limit unless it is stated`() {
        #expect(Limit(value: 20).effectiveBurst == 20)
        #expect(Limit(value: 20, burst: 5).effectiveBurst == 5)
    }

    @Test func `features are those of the plan`() {
        #expect(catalogue().entitlement(of: tenant(), at: 0).hasFeature("sla"))
        #expect(!catalogue().entitlement(of: nil, at: 0).hasFeature("sla"))
        #expect(!catalogue().entitlement(of: tenant(plan: "gone"), at: 0).hasFeature("sla"))
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

    @Test func `an own limit, a restriction and a grant end by themselves, and say when`() throws {
        var one = tenant(limits: ["tokens": 700])
        one.limits["messages"] = LimitOverride(5_000, until: 100)
        one.restriction = Restriction("fraud", until: 50)
        let before = catalogue().entitlement(of: one, at: 49)
        #expect(before.access == .restricted && before.validUntil == 50)
        let between = catalogue().entitlement(of: one, at: 50)
        #expect(between.access == .ok && between.validUntil == 100)
        #expect(between.limit(for: "messages", in: nil)?.value == 5_000)
        let after = catalogue().entitlement(of: one, at: 100)
        #expect(after.limit(for: "messages", in: nil)?.value != 5_000 && after.validUntil == .max)
        #expect(after.limit(for: "tokens", in: nil)?.value == 700)
    }

    @Test func `from a grant's end until it is settled its counter has no alerts, and no other is without`() throws {
        let alerts = [Threshold(.percent(80))]
        let limits = ["tokens": Limit(value: 100, alerts: alerts), "messages": Limit(value: 100, alerts: alerts)]
        let catalogue = Catalogue(meters: meters, plans: [Plan(slug: "starter", name: "Starter", limits: limits)])
        let period = Period(start: 0, end: 3_600, exactStart: 0)
        var one = tenant()
        one.grants = [
            Grant(
                id: "a", meter: "tokens", units: 50, givenAt: 0, expires: 100, by: "uid:0", reason: "x",
                period: period, base: 0)
        ]
        func told(_ meter: String, at second: Int64, in period: Period = period) -> [Threshold]? {
            catalogue.entitlement(of: one, at: second).limit(for: meter, in: period)?.alerts
        }
        #expect(told("tokens", at: 99) == alerts)
        #expect(told("tokens", at: 100) == [] && told("messages", at: 100) == alerts)
        #expect(told("tokens", at: 100, in: Period(start: 3_600, end: 7_200, exactStart: 3_600)) == alerts)
        one.grants[0].drawn = 30
        #expect(told("tokens", at: 100) == alerts)
    }

    @Test func `grants lift the limit and its cap in their period, and nothing without an end`() throws {
        let period = Period(start: 0, end: 3_600, exactStart: 0)
        var one = tenant(limits: ["tokens": 700])
        for (id, meter) in [("a", "tokens"), ("b", "messages")] {
            one.grants.append(
                Grant(
                    id: id, meter: meter, units: 50, givenAt: 0, expires: 100, by: "uid:0", reason: "x",
                    period: period, base: 0))
        }
        let now = catalogue().entitlement(of: one, at: 0)
        let tokens = try #require(now.limit(for: "tokens", in: period))
        #expect(tokens.value == 750 && tokens.granted == 50 && tokens.cap == 750 && now.validUntil == 100)
        let next = Period(start: 3_600, end: 7_200, exactStart: 3_600)
        #expect(now.limit(for: "tokens", in: next)?.value == 700)
        #expect(catalogue().entitlement(of: one, at: 100).limit(for: "tokens", in: period)?.value == 700)
        one.limits["messages"] = LimitOverride(-1)
        let unlimited = catalogue().entitlement(of: one, at: 0).limit(for: "messages", in: period)
        #expect(unlimited?.isUnlimited == true && unlimited?.granted == 0)
        one.limits["messages"] = LimitOverride(Amount.largest - 10)
        let full = catalogue().entitlement(of: one, at: 0).limit(for: "messages", in: period)
        #expect(full?.value == Amount.largest && full?.granted == 10)
    }
}
