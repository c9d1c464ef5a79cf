import Testing

@testable import Metering

@Suite struct `A lease` {
    static let settings = LeaseSettings()

    /// A lease of `n` units, renewed at the instant 0.
    static func lease(_ n: Int64) -> Lease {
        var lease = Lease()
        _ = lease.ask(waiting: n, deadline: 25_000, want: 0, now: 0)
        _ = lease.receive(
            SyncReply.Item(granted: n, returned: 0, spent: 0, used: 0, held: n, verdict: .granted), isLearning: false,
            news: .nothing, bound: 1000, sentAt: 0, now: 100, settings: settings)
        return lease
    }

    @Test func `nothing but words`() {
        #expect(_isPOD(Lease.self))
        #expect(MemoryLayout<Lease>.size % 8 == 0)
    }

    @Test func `it spends what it has and no more`() {
        var lease = Self.lease(10)
        #expect(lease.take(7, now: 200) == true)
        #expect(lease.take(4, now: 200) == false)
        #expect(lease.unspent(now: 200) == 3)
        #expect(lease.take(3, now: 200) == true)
        #expect(lease.spent == 10)
    }

    @Test func `at its end it gives itself back and is never revived`() {
        var lease = Self.lease(10)
        #expect(lease.unspent(now: Self.settings.ttl - 1) == 10)
        #expect(lease.unspent(now: Self.settings.ttl) == 0)
        #expect(lease.take(1, now: Self.settings.ttl) == false)
        #expect(lease.returned == 10)
        let isRevived = lease.take(1, now: Self.settings.ttl - 1)
        #expect(!isRevived, "not even by a clock that is behind")
    }

    @Test func `a lease from the ledger grants nothing before it is renewed`() {
        var lease = Lease(granted: 10, returned: 0, spent: 4)
        #expect(lease.unspent(now: 1) == 0)
        #expect(lease.take(1, now: 1) == false)
        #expect(lease.returned == 6)
    }

    @Test func `what is always spent raises what was granted`() {
        var lease = Self.lease(10)
        #expect(lease.spendAlways(14, now: 200) == 4)
        #expect(lease.granted == 14)
        #expect(lease.spent == 14)
        #expect(lease.unspent(now: 200) == 0)
    }

    @Test(arguments: [(0, 6), (3, 3), (5, 1), (8, 0)] as [(Int64, Int64)])
    func `a reservation is settled at its true cost`(cost: Int64, unspent: Int64) {
        var lease = Self.lease(10)
        #expect(lease.take(4, now: 200) == true)
        #expect(lease.reserve(5, until: 9_000_000, now: 200) == true)
        #expect(lease.unspent(now: 200) == 1)
        lease.settle(reserved: 5, cost: cost, now: 300)
        #expect(lease.reserved == 0)
        #expect(lease.spent == 4 + cost)
        #expect(lease.unspent(now: 300) == unspent)
        #expect(lease.granted >= lease.spent + lease.returned)
    }

    @Test func `what is reserved outlives the lease`() {
        var lease = Self.lease(10)
        #expect(lease.reserve(5, until: 9_000_000, now: 200) == true)
        lease.expire(now: Self.settings.ttl)
        #expect(lease.returned == 5)
        lease.settle(reserved: 5, cost: 3, now: 6_000_000)
        #expect(lease.spent == 3)
        #expect(lease.returned == 7, "the rest goes back at once")
    }

    @Test func `usage is what was heard and what was spent since`() {
        var lease = Self.lease(10)
        _ = lease.take(4, now: 200)
        #expect(lease.used == 4)
    }
}
