import Testing

@testable import Metering

@Suite struct `The size of a lease` {
    private static let settings = LeaseSettings()

    /// A lease from which `rate` units a second were taken for a second.
    private func busy(_ rate: Int64, left: Int64) -> Lease {
        var lease = Lease()
        var now: Int64 = 0
        for _ in 0..<10 {
            _ = lease.ask(waiting: 0, deadline: 0, want: rate, now: now)
            _ = lease.receive(
                SyncReply.Item(
                    granted: lease.granted + rate, returned: 0, spent: lease.spent, used: lease.spent, held: 0),
                isLearning: false, news: .nothing, bound: lease.spent + left, sentAt: now, now: now,
                settings: Self.settings)
            _ = lease.take(rate / 10, now: now)
            now += 100_000
        }
        lease.giveBack()
        return lease
    }

    @Test func `it follows the recent rate`() {
        let lease = busy(1000, left: 1_000_000)
        #expect((900...1100).contains(lease.spendingRate(now: 1_000_000)))
        #expect((540...660).contains(lease.want(now: 1_000_000, settings: Self.settings)))
        #expect(lease.wantsRefill(now: 1_000_000, settings: Self.settings))
    }

    @Test func `it is a share of what is left, and one unit at the end`() {
        #expect(busy(1000, left: 400).want(now: 1_000_000, settings: Self.settings) == 100)
        #expect(busy(1000, left: 3).want(now: 1_000_000, settings: Self.settings) == 1)
    }

    @Test func `the largest amounts do not overflow`() {
        var lease = Lease()
        lease.spendAlways(Amount.largest, now: 0)
        #expect(lease.spendingRate(now: 1) <= Amount.largest)
        #expect(lease.target(now: 1, settings: Self.settings) <= Amount.largest)
    }

    @Test func `what nobody spends lies idle`() {
        let lease = `A lease`.lease(10)
        #expect(!lease.isIdle(now: 500_000, settings: Self.settings))
        #expect(lease.isIdle(now: 2_000_000, settings: Self.settings))
    }
}
