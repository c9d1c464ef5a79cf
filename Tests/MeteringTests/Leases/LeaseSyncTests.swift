import Testing

@testable import Metering

@Suite struct `A lease in conversation` {
    private static let settings = LeaseSettings()

    private func receive(
        _ lease: inout Lease, _ item: SyncReply.Item, isLearning: Bool = false, news: StoreNews = .nothing,
        sentAt: Int64, now: Int64
    ) -> LeaseAction {
        lease.receive(
            item, isLearning: isLearning, news: news, bound: 100, sentAt: sentAt, now: now, settings: Self.settings)
    }

    @Test func `it asks for what a call lacks`() {
        var lease = `A lease`.lease(10)
        let said = lease.ask(waiting: 14, deadline: 25_300, want: 0, now: 300)
        #expect(said.need == 4)
        #expect(said.needFor == 25_000)
        #expect(lease.isInFlight(now: 300, settings: Self.settings))
        #expect(!lease.isInFlight(now: 300 + Self.settings.replyDeadline, settings: Self.settings))
    }

    @Test func `a reply older than a lease lasts is dropped`() {
        var lease = Lease()
        _ = lease.ask(waiting: 5, deadline: 1, want: 0, now: 0)
        let item = SyncReply.Item(granted: 5, returned: 0, spent: 0, used: 0, held: 5, verdict: .granted)
        #expect(receive(&lease, item, sentAt: 0, now: Self.settings.ttl) == .dropped)
        #expect(lease.granted == 0)
    }

    @Test func `a learning reply raises nothing, and what is in hand goes on`() {
        var lease = `A lease`.lease(5)
        _ = lease.ask(waiting: 9, deadline: 1, want: 0, now: 1_000_000)
        let item = SyncReply.Item(granted: 20, returned: 0, spent: 0, used: 0, held: 20, verdict: .undecided)
        #expect(receive(&lease, item, isLearning: true, sentAt: 1_000_000, now: 1_000_100) == .undecided)
        #expect(lease.granted == 5)
        #expect(lease.unspent(now: 5_500_000) == 5, "renewed from the sending")
        #expect(!lease.isDirty, "there is nothing to tell, or it would tell it all the time")
    }

    @Test func `it keeps the larger of each total`() {
        var lease = `A lease`.lease(10)
        _ = lease.take(4, now: 200)
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 300)
        let item = SyncReply.Item(granted: 10, returned: 8, spent: 2, used: 2, held: 0)
        #expect(receive(&lease, item, sentAt: 300, now: 400) == .none)
        #expect(lease.returned == 8)
        #expect(lease.spent == 4)
        #expect(lease.granted == 12, "it had spent what was taken back")
        #expect(lease.isDirty)
    }

    @Test func `a recall is answered with everything, also when that is nothing`() {
        var lease = `A lease`.lease(10)
        _ = lease.take(4, now: 200)
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 300)
        let item = SyncReply.Item(granted: 10, returned: 0, spent: 4, used: 4, held: 6, isRecalled: true)
        #expect(receive(&lease, item, sentAt: 300, now: 400) == .sync)
        #expect(lease.returned == 6)
        #expect(lease.wantsSync(now: 30_000, settings: Self.settings))
        #expect(lease.want(now: 30_000, waiting: 5, settings: Self.settings) == 0)
        var spent = `A lease`.lease(10)
        _ = spent.take(10, now: 200)
        let mustTell = spent.answerRecall()
        #expect(mustTell, "Redis counts on it")
    }

    @Test func `usage goes down by a refund, and what was told before is not counted twice`() {
        var lease = `A lease`.lease(10)
        _ = lease.take(4, now: 200)
        // Told, and not acknowledged before the refund's answer; one more was taken meanwhile.
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 300)
        _ = lease.take(1, now: 400)
        lease.hear(refund: 3, used: 21, told: 4)
        #expect(lease.used == 22)
        let item = SyncReply.Item(granted: 10, returned: 0, spent: 4, used: 21, held: 6, verdict: .none)
        _ = receive(&lease, item, sentAt: 300, now: 500)
        #expect(lease.used == 22)
        lease.hear(refund: 2, used: 19, told: 4)
        #expect(lease.used == 20)
    }

    @Test func `a life that is over acknowledges nothing`() {
        var lease = `A lease`.lease(10)
        lease.forgetAcknowledgements()
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 300)
        let item = SyncReply.Item(granted: 10, returned: 0, spent: 0, used: 0, held: 10)
        _ = receive(&lease, item, news: .stale, sentAt: 300, now: 400)
        #expect(lease.isDirty)
        _ = receive(&lease, item, sentAt: 300, now: 500)
        #expect(!lease.isDirty)
    }

    @Test func `what a life that is over has acknowledged is not counted twice`() {
        var lease = `A lease`.lease(10)
        _ = lease.take(4, now: 200)
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 300)
        let item = SyncReply.Item(granted: 10, returned: 0, spent: 4, used: 21, held: 6)
        _ = receive(&lease, item, sentAt: 300, now: 400)
        _ = lease.take(1, now: 500)
        #expect(lease.used == 22)
        lease.forgetAcknowledgements()
        #expect(lease.used == 22)
        lease.forgetAcknowledgements()
        #expect(lease.used == 22)
    }

    @Test func `a verdict that was overtaken says nothing`() {
        var lease = Lease()
        _ = lease.ask(waiting: 5, deadline: 1, want: 0, now: 0)
        _ = lease.ask(waiting: 2, deadline: 1, want: 0, now: 100)
        let item = SyncReply.Item(granted: 0, returned: 0, spent: 0, used: 0, held: 0, verdict: .refused)
        #expect(receive(&lease, item, sentAt: 0, now: 200) == .none)
        #expect(receive(&lease, item, sentAt: 100, now: 300) == .refuse(amount: 2, retryAt: 0))
    }

    @Test func `an overtaken reply acknowledges what it says, and an older one takes nothing of that back`() {
        var lease = `A lease`.lease(10)
        _ = lease.take(4, now: 200)
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 300)
        _ = lease.take(1, now: 350)
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 400)
        let older = SyncReply.Item(granted: 10, returned: 0, spent: 4, used: 24, held: 6, isRecalled: true)
        let newer = SyncReply.Item(granted: 10, returned: 0, spent: 5, used: 25, held: 5)
        #expect(receive(&lease, older, sentAt: 300, now: 500) == .none)
        #expect(lease.isAcknowledged(4) && !lease.isAcknowledged(5) && lease.used == 25)
        #expect(lease.isInFlight(now: 500, settings: Self.settings) && !lease.isRecalled)
        _ = receive(&lease, newer, sentAt: 400, now: 600)
        #expect(lease.isAcknowledged(5) && !lease.isDirty)
        _ = receive(&lease, older, sentAt: 300, now: 700)
        #expect(lease.isAcknowledged(5) && lease.used == 25)
    }

    @Test func `another version is read first`() {
        var lease = Lease()
        _ = lease.ask(waiting: 5, deadline: 1, want: 0, now: 0)
        let item = SyncReply.Item(
            granted: 0, returned: 0, spent: 0, used: 0, held: 0, verdict: .undecided, isOtherVersion: true)
        #expect(receive(&lease, item, sentAt: 0, now: 100) == .reload)
    }

    @Test func `it is renewed before it ends, and what changed is sent within the horizon`() {
        var lease = `A lease`.lease(10)
        #expect(!lease.wantsSync(now: 1_000_000, settings: Self.settings) || lease.isDirty)
        _ = lease.ask(waiting: 0, deadline: 0, want: 0, now: 1_000_000)
        _ = receive(
            &lease, SyncReply.Item(granted: 10, returned: 0, spent: 0, used: 0, held: 10), sentAt: 1_000_000,
            now: 1_000_100)
        #expect(!lease.wantsSync(now: 1_500_000, settings: Self.settings))
        #expect(lease.wantsSync(now: 4_000_000, settings: Self.settings))
        _ = lease.take(1, now: 1_500_000)
        #expect(lease.wantsSync(now: 1_500_000, settings: Self.settings))
    }
}
