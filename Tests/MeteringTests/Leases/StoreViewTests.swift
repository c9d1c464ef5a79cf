import Testing

@testable import Metering

@Suite struct `What a holder knows of Redis` {
    private func reply(_ run: String, _ born: Int64, isLearning: Bool = false) -> SyncReply {
        SyncReply(life: StoreLife(run: run, born: born), isLearning: isLearning, now: 0, items: [])
    }

    @Test func `a new run and a new birth are new lives`() {
        var view = StoreView()
        #expect(view.receive(reply("a", 1), sentAt: 10) == .newLife)
        #expect(view.receive(reply("a", 1), sentAt: 20) == .nothing)
        #expect(view.receive(reply("a", 2, isLearning: true), sentAt: 30) == .newLife)
        #expect(view.isLearning)
        #expect(view.receive(reply("b", 2), sentAt: 40) == .newLife)
    }

    @Test func `an overtaken reply of an earlier life is stale`() {
        var view = StoreView()
        _ = view.receive(reply("b", 2), sentAt: 40)
        #expect(view.receive(reply("a", 1), sentAt: 30) == .stale)
        #expect(view.life == StoreLife(run: "b", born: 2))
    }

    @Test func `hours are merged by taking the larger`() {
        var hour = HourTotals(hour: 1, consumed: 5, refunded: 1)
        hour.merge(HourTotals(hour: 1, consumed: 3, refunded: 2, decided: 4))
        #expect(hour == HourTotals(hour: 1, consumed: 5, refunded: 2, decided: 4))
        #expect(hour.net == 7)
    }
}
