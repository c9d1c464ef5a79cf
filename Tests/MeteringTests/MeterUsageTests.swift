import Testing

@testable import Metering

@Suite struct MeterUsageTests {
    /// Ten thousand seconds from 1000 on.
    private static let period = Period(start: 1000, end: 11_000, exactStart: 1000)

    private static func usage(
        _ used: Int64, limit: Int64 = 100, after seconds: Int64, period: Period = Self.period
    ) -> MeterUsage {
        MeterUsage(
            kind: .counter, limit: limit, period: period, used: used, instant: (period.start + seconds) * 1_000_000)
    }

    @Test(arguments: [
        (used: 30, after: 5000, projected: 60), (used: 30, after: 10_000, projected: 30),
        (used: 30, after: 20_000, projected: 30), (used: 1, after: 3000, projected: 3),
        (used: 0, after: 100, projected: 0),
    ])
    func `what will be used goes on as in the period so far`(used: Int64, after: Int64, projected: Int64) {
        #expect(Self.usage(used, after: after).projected == projected)
    }

    @Test(arguments: [-5, 0, 1, 100] as [Int64])
    func `in a fresh period a hundredth of it counts as elapsed`(after: Int64) {
        #expect(Self.usage(7, after: after).projected == 700)
    }

    @Test func `no projection is less than what is used, or overflows`() {
        #expect(Self.usage(Amount.largest, after: 0).projected == Amount.largest)
        #expect(Self.usage(Amount.largest - 1, after: 9999).projected == Amount.largest)
        let ages = Period(start: 0, end: Tenant.instants.upperBound, exactStart: 0)
        #expect(Self.usage(Amount.largest, after: 0, period: ages).projected == Amount.largest)
        #expect(Self.usage(5, after: 0, period: ages).projected == 500)
        // A subscription's period within one hour is no time at all once its edges are whole hours.
        let none = Period(start: 3600, end: 3600, exactStart: 3700)
        #expect(Self.usage(5, after: 0, period: none).projected == 500)
    }

    @Test func `only counters have a period, and so a projection`() {
        for kind in MeterKind.allCases where kind != .counter {
            let usage = MeterUsage(
                kind: kind, limit: 3, period: Self.period, used: 9, instant: 2_000_000_000, wholeAt: 2_000_000_001)
            #expect(usage.projected == nil && usage.period == nil)
            #expect(usage.resetsAt == (kind == .rate ? 2001 : nil))
            #expect(usage.overage == (kind == .rate ? 0 : 6))
        }
        #expect(Self.usage(9, after: 1).resetsAt == 11_000)
    }

    @Test func `what is past the limit is overage, and nothing is past no limit`() {
        #expect(Self.usage(130, after: 1).overage == 30)
        #expect(Self.usage(100, after: 1).overage == 0)
        #expect(Self.usage(7, limit: 0, after: 1).overage == 7)
        #expect(Self.usage(Amount.largest, limit: Amount.unlimited, after: 1).overage == 0)
    }

    @Test(
        arguments: [
            (per: 1000, amount: 300, units: 1, cost: 0), (per: 1000, amount: 300, units: 2, cost: 1),
            (per: 1000, amount: 500, units: 1, cost: 1), (per: 1000, amount: 499, units: 1, cost: 0),
            (per: 1_000_000, amount: 300, units: 2_500_000, cost: 750), (per: 3, amount: 1, units: 4, cost: 1),
            (per: 3, amount: 1, units: 5, cost: 2), (per: 7, amount: 0, units: 5, cost: 0),
            (per: 1, amount: Amount.largest, units: Amount.largest, cost: Amount.largest),
            (per: Amount.largest, amount: Amount.largest, units: Amount.largest, cost: Amount.largest),
            (per: 2, amount: 1, units: Amount.largest, cost: 500_000_000_000_000),
            (per: 5, amount: 9, units: 0, cost: 0),
        ] as [(per: Int64, amount: Int64, units: Int64, cost: Int64)])
    func `a cost is in whole minor units, rounded half up`(per: Int64, amount: Int64, units: Int64, cost: Int64) {
        #expect(TokenCost(per: per, amount: amount, currency: "eur").cost(of: units) == cost)
    }
}
