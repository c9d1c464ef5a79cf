import Foundation
import Testing

@testable import Metering

@Suite struct OriginTests {
    private static func catalogue(defaultPlan: String? = "free") -> Catalogue {
        Catalogue(
            meters: [], plans: [Plan(slug: "free", name: "Free"), Plan(slug: "pro", name: "Pro")],
            defaultPlan: defaultPlan)
    }

    private static func tenant(_ plan: String = "pro", _ status: SubscriptionStatus? = nil) -> Tenant {
        var tenant = Tenant(id: "acme", plan: plan, createdAt: 0)
        tenant.status = status
        return tenant
    }

    @Test func `a plan comes from the record, the status's rule, or the default`() {
        let catalogue = Self.catalogue()
        #expect(catalogue.planOrigin(of: nil) == .defaultPlan)
        #expect(catalogue.planOrigin(of: Self.tenant()) == .record)
        #expect(catalogue.planOrigin(of: Self.tenant("pro", .trialing)) == .record)
        #expect(catalogue.planOrigin(of: Self.tenant("pro", .canceled)) == .statusRule)
        #expect(catalogue.planOrigin(of: Self.tenant("gone")) == .none)
        let strict = Self.catalogue(defaultPlan: nil)
        #expect(strict.planOrigin(of: nil) == .none)
        #expect(strict.planOrigin(of: Self.tenant("pro", .canceled)) == .none)
        for tenant in [nil, Self.tenant(), Self.tenant("gone"), Self.tenant("pro", .unpaid)] {
            for catalogue in [catalogue, strict] {
                let hasPlan = catalogue.entitlement(of: tenant, at: 0).plan != nil
                #expect((catalogue.planOrigin(of: tenant) == .none) == !hasPlan)
            }
        }
    }

    @Test func `a period's edges come from the clock, the zone, the anchor or the subscription`() throws {
        let calendar = PeriodCalendar(.gmt)
        var subscribed = Self.tenant()
        try subscribed.setPeriod(start: instant("2026-01-31T10:17:00Z"), end: instant("2026-02-28T10:17:00Z"))
        func origin(_ cycle: Cycle?, kind: MeterKind = .counter, _ tenant: Tenant?, at time: String) -> PeriodOrigin? {
            let meter = Meter(name: "m", kind: kind, cycle: cycle)
            let period = calendar.period(of: meter, at: instant(time), tenant: tenant)
            return PeriodOrigin(of: meter, period: period, tenant: tenant)
        }
        #expect(origin(.hour, nil, at: "2026-02-03T00:00:00Z") == .clock)
        #expect(origin(.day, subscribed, at: "2026-02-03T00:00:00Z") == .zoneDay)
        #expect(origin(.month, nil, at: "2026-02-03T00:00:00Z") == .calendarMonth)
        #expect(origin(.month, subscribed, at: "2026-02-03T00:00:00Z") == .anchor)
        #expect(origin(.period, Self.tenant(), at: "2026-02-03T00:00:00Z") == .calendarMonth)
        #expect(origin(.period, subscribed, at: "2026-01-31T10:00:00Z") == .subscription)
        #expect(origin(.period, subscribed, at: "2026-02-28T10:00:00Z") == .rolledSubscription)
        #expect(origin(nil, kind: .concurrency, subscribed, at: "2026-02-03T00:00:00Z") == .endless)
        #expect(origin(.minute, kind: .rate, nil, at: "2026-02-03T00:00:00Z") == nil)
    }
}
