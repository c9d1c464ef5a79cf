import Testing

@testable import Metering

/// The numbered histories that a store and its requests tell by themselves. The limit is 12.
@Suite struct `Histories of the store` {
    private static let settings = LeaseSettings()
    private static let key = LeaseKey(tenant: "acme", meter: "messages", period: 0)
    private static let now: Int64 = 1_790_000_000_000_000

    private static func store(_ rules: Rules = .all) -> SyncStore {
        var store = SyncStore(settings: settings, rules: rules)
        store.visit(run: "r", isFresh: true, now: now)
        return store
    }

    private static func request(
        _ holder: String, _ store: SyncStore, granted: Int64 = 0, returned: Int64 = 0, spent: Int64 = 0,
        need: Int64 = 0, want: Int64 = 0, sentAt: Int64 = 1, hours: [HourTotals] = []
    ) -> SyncRequest {
        let said = LeaseStatement(
            granted: granted, returned: returned, spent: spent, need: need, needFor: 25_000, want: want)
        let terms = LeaseTerms(bound: 12, version: "", isBilled: true, keptUntil: 0)
        return SyncRequest(
            holder: holder, life: store.currentLife, notAfter: .max, sentAt: sentAt,
            items: [SyncRequest.Item(key: key, terms: terms, statement: said, hours: hours)])
    }

    private func sync(_ store: inout SyncStore, _ request: SyncRequest, after delay: Int64 = 0) -> SyncReply.Item {
        store.sync(request, run: "r", now: Self.now + delay).items[0]
    }

    @Test func `a holder that is alone learns nothing, whatever life was there before`() {
        var store = Self.store()
        _ = sync(&store, Self.request("h1", store, need: 5))
        store.visit(run: "other", isFresh: true, now: Self.now)
        let reply = store.sync(Self.request("h1", store, granted: 5, need: 7), run: "other", now: Self.now)
        #expect(!reply.isLearning && reply.items[0].verdict == .granted)
        store.visit(run: "third", isFresh: false, now: Self.now)
        let learning = store.sync(Self.request("h1", store, granted: 12), run: "third", now: Self.now)
        #expect(learning.isLearning, "it may not be alone")
    }

    @Test func `a reply says how many holders' leases last`() {
        var store = Self.store()
        #expect(sync(&store, Self.request("h1", store, want: 1)).holders == 1)
        #expect(sync(&store, Self.request("h2", store, want: 1)).holders == 2)
        #expect(sync(&store, Self.request("h2", store), after: Self.settings.ttl).holders == 2)
        #expect(sync(&store, Self.request("h2", store), after: 2 * Self.settings.ttl).holders == 1)
    }

    @Test func `14 a slot made anew takes over what Redis has of the hour`() {
        var store = Self.store()
        let seven = HourTotals(hour: 9, consumed: 7)
        _ = sync(&store, Self.request("h1", store, granted: 7, spent: 7, hours: [seven]))
        var slot = HourTotals(hour: 9)
        let reply = sync(&store, Self.request("h1", store, granted: 7, spent: 7, hours: [slot]))
        slot.merge(reply.hours[0])
        slot.consumed += 2
        let after = sync(&store, Self.request("h1", store, granted: 9, spent: 9, hours: [slot]))
        #expect(after.used == 9)
    }

    @Test func `15 a holder back after days is merged, not added`() {
        var store = Self.store()
        let eight = HourTotals(hour: 9, consumed: 8)
        let request = Self.request("h1", store, granted: 8, spent: 8, hours: [eight])
        _ = sync(&store, request)
        #expect(sync(&store, request, after: 48 * 3_600_000_000).used == 8)
    }

    @Test func `16 a refund is decided in Redis, once, and takes no hour below zero`() {
        var store = Self.store()
        let three = HourTotals(hour: 0, consumed: 3)
        _ = sync(&store, Self.request("h1", store, granted: 3, spent: 3, hours: [three]))
        let refunded = HourTotals(hour: 0, refunded: 3)
        let first = Self.refund("h2", store, 3, key: "k")
        #expect(Self.counts(store.refund(first, run: "r", now: Self.now)) == [refunded])
        #expect(Self.counts(store.refund(first, run: "r", now: Self.now)) == [refunded], "a repeat tells it again")
        #expect(store.usages[Self.key]?.used == 0)
        #expect(
            Self.counts(store.refund(Self.refund("h1", store, 3), run: "r", now: Self.now)) == [], "nothing is left")
        #expect(store.hours.values.allSatisfy { $0.values.reduce(0) { $0 + $1.net } == 0 })
        store.visit(run: "other", isFresh: false, now: Self.now)
        #expect(store.refund(Self.refund("h1", store, 1), run: "other", now: Self.now) == .learning)
    }

    @Test func `16 after a rollback what was given back is told again before anything else can be`() {
        var store = Self.store()
        _ = sync(&store, Self.request("h1", store, granted: 7, spent: 7, hours: [HourTotals(hour: 0, consumed: 7)]))
        let backup = store
        #expect(Self.counts(store.refund(Self.refund("h2", store, 4), run: "r", now: Self.now))?.first?.refunded == 4)
        store = backup
        let again = Self.refund("h2", store, 1)
        #expect(store.refund(again, run: "other", now: Self.now) == .learning, "the run tells that it forgot")
        let told = HourTotals(hour: 0, refunded: 4)
        for (holder, hours) in [("h1", [HourTotals(hour: 0, consumed: 7)]), ("h2", [told])] {
            let request = Self.request(holder, store, hours: hours)
            _ = store.sync(request, run: "other", now: Self.now)
        }
        var now = Self.now
        while store.life?.until != 0, now < Self.now + 2 * Self.settings.ttl {
            now += Self.settings.grace
            _ = store.sync(Self.request("h1", store), run: "other", now: now)
        }
        #expect(store.usages[Self.key]?.used == 3)
        let reply = store.refund(Self.refund("h2", store, 1), run: "other", now: now)
        #expect(Self.counts(reply)?.first?.refunded == 5)
        #expect(store.usages[Self.key]?.used == 2)
    }

    @Test func `16 two holders that give back the same units take no hour below zero`() {
        var store = Self.store()
        let hours = [HourTotals(hour: 0, consumed: 3), HourTotals(hour: 1, consumed: 2)]
        _ = sync(&store, Self.request("h0", store, granted: 5, spent: 5, hours: hours))
        for holder in ["h1", "h2"] { _ = store.refund(Self.refund(holder, store, 4), run: "r", now: Self.now) }
        #expect(store.usages[Self.key]?.used == 0)
        for rows in store.hours.values { #expect(rows.values.reduce(0) { $0 + $1.net } == 0) }
    }

    @Test func `a refund takes no more than the period has, and no more than its hours have`() {
        var store = Self.store()
        // Two periods share the hour: four of its ten are another's.
        let other = LeaseKey(tenant: "acme", meter: "messages", period: 60)
        var first = Self.request("h1", store, granted: 4, spent: 4, hours: [HourTotals(hour: 0, consumed: 4)])
        first.items[0].key = other
        _ = sync(&store, first)
        _ = sync(&store, Self.request("h1", store, granted: 6, spent: 6, hours: [HourTotals(hour: 0, consumed: 10)]))
        let reply = store.refund(Self.refund("h1", store, 9), run: "r", now: Self.now)
        #expect(Self.counts(reply) == [HourTotals(hour: 0, consumed: 10, refunded: 6)])
        #expect(store.usages[Self.key]?.used == 0 && store.usages[other]?.used == 4)
    }

    private static func refund(_ holder: String, _ store: SyncStore, _ n: Int64, key: String? = nil) -> RefundRequest {
        let item = RefundRequest.Item(
            meter: "messages", place: .counter(period: 0, hours: 0...1), amount: n, limit: 12, isBilled: true)
        var request = RefundRequest(
            tenant: "acme", version: "", holder: holder, actor: "uid:1", life: store.currentLife, notAfter: .max,
            items: [item])
        request.isFinal = true
        request.key = key.map { RefundRequest.Key($0, meaning: "refund messages \(n)") }
        return request
    }

    /// The hours that the only meter's refund lowered; nil if it was not carried out.
    private static func counts(_ reply: RefundReply) -> [HourTotals]? {
        if case .done(let items, _) = reply { items[0].hours } else { nil }
    }

    @Test func `17 what Redis decides for a holder stands on a row of its own`() {
        var store = Self.store()
        let three = HourTotals(hour: 9, consumed: 3)
        _ = sync(&store, Self.request("h1", store, granted: 3, spent: 3, hours: [three]))
        let total = store.decide(5, key: Self.key, hour: 9, bound: 12, holder: "h1", run: "r", now: Self.now)
        #expect(total == 5)
        let both = HourTotals(hour: 9, consumed: 5, decided: 5)
        #expect(sync(&store, Self.request("h1", store, granted: 5, spent: 5, hours: [both])).used == 10)
        #expect(store.decide(3, key: Self.key, hour: 9, bound: 12, holder: "h1", run: "r", now: Self.now) == nil)
    }

    @Test func `18 a reply that comes too late leaves an unspent grant, never a charge`() {
        var store = Self.store()
        var lease = Lease()
        let asked = lease.ask(waiting: 5, deadline: 25_000, want: 0, now: 0)
        var request = Self.request("h1", store, need: asked.need, sentAt: 0)
        #expect(sync(&store, request).verdict == .granted)
        request = Self.request("h1", store, sentAt: 1)
        let truth = sync(&store, request)
        #expect(truth.used == 0)
        _ = lease.receive(
            truth, isLearning: false, news: .nothing, bound: 12, sentAt: 1, now: 2, settings: Self.settings)
        #expect(lease.unspent(now: 2) == 5)
        lease.giveBack()
        #expect(sync(&store, Self.request("h1", store, granted: 5, returned: 5, sentAt: 2)).held == 0)
    }

    @Test func `19 a need is not bound by a fair share`() {
        var store = Self.store()
        #expect(sync(&store, Self.request("h1", store, need: 4)).verdict == .granted)
        #expect(sync(&store, Self.request("h0", store, need: 5)).verdict == .granted)
        var weaker = Self.store(.without(.needsWhole))
        _ = sync(&weaker, Self.request("h1", weaker, need: 4))
        #expect(sync(&weaker, Self.request("h0", weaker, need: 5)).verdict == .refused)
    }

    @Test func `20 what comes back goes to the first waiter, not to a refill`() {
        var store = Self.store()
        _ = sync(&store, Self.request("h2", store, need: 6))
        _ = sync(&store, Self.request("h0", store, need: 6))
        #expect(sync(&store, Self.request("h1", store, need: 5)).verdict == .waiting)
        let back = sync(&store, Self.request("h0", store, granted: 6, returned: 6, want: 3))
        #expect(back.granted == 6, "nothing in advance while somebody waits")
        #expect(back.hasWaiters && back.isRecalled)
        #expect(store.notices == [.wake(Self.key, holder: "h1")])
        #expect(sync(&store, Self.request("h1", store, need: 5)).verdict == .granted)
    }

    @Test func `21 two waiting calls do not hold part of what both need`() {
        var store = Self.store()
        _ = sync(&store, Self.request("h2", store, need: 12))
        #expect(sync(&store, Self.request("h0", store, need: 8)).verdict == .waiting)
        #expect(sync(&store, Self.request("h1", store, need: 4)).verdict == .waiting)
        _ = sync(&store, Self.request("h2", store, granted: 12, returned: 12))
        #expect(sync(&store, Self.request("h1", store, need: 4)).verdict == .waiting, "it is not its turn")
        #expect(sync(&store, Self.request("h0", store, need: 8)).verdict == .granted)
        #expect(sync(&store, Self.request("h1", store, need: 4)).verdict == .granted)
    }

    @Test func `22 a holder that cannot be recalled is waited for until its lease ends`() {
        var store = Self.store()
        _ = sync(&store, Self.request("h2", store, need: 9))
        let reply = sync(&store, Self.request("h0", store, need: 8))
        #expect(reply.verdict == .waiting)
        #expect(reply.retryAt == Self.now + Self.settings.ttl + Self.settings.grace)
        #expect(sync(&store, Self.request("h1", store, need: 13)).verdict == .refused, "it never fits")
        store.visit(run: "other", isFresh: false, now: Self.now)
        let learning = store.sync(Self.request("h0", store, need: 1), run: "other", now: Self.now)
        #expect(learning.items[0].verdict == .undecided, "learning is no refusal")
    }
}
