import Ledger
import TestSupport
import Testing

@Suite struct DecidedSlotTests {
    @Test func `what Redis decided stands beside the usage of the same hour, and outlives a restart`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            try ledger.decided("acme", hour: 480_000).raise(to: 7)
            try ledger.usage("acme", hour: 480_000).addConsumed(2)
        }
        try rig.use { ledger in
            let slot = try #require(ledger.find(.decided(periodStart: 100, hour: 480_000), "acme", "messages"))
            #expect(ledger.decided(slot).decided == 7)
            #expect(ledger.place(of: slot) == .decided(periodStart: 100, hour: 480_000))
            #expect(ledger.entry(at: slot)?.totals == .decided(decided: 7, settled: 0))
            let usage = try ledger.usage("acme", hour: 480_000)
            #expect(usage.consumed == 2)
            #expect((ledger.statistics.usageCount, ledger.statistics.decidedCount) == (1, 1))
            #expect(ledger.statistics.freeCount == 254)
        }
    }

    @Test func `its total only grows, and is settled when Redis has acknowledged it`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        let slot = try ledger.decided("acme", hour: 5)
        #expect(slot.isSettled)
        slot.raise(to: 8)
        slot.raise(to: 3)
        #expect(slot.decided == 8)
        slot.settle(to: 7)
        #expect(!slot.isSettled)
        slot.settle(to: 8)
        slot.settle(to: 2)
        #expect((slot.settled, slot.isSettled) == (8, true))
        #expect(ledger.entries.map(\.isSettled) == [true])
        slot.unsettle()
        #expect((slot.settled, slot.isSettled) == (0, false))
        #expect(ledger.entries.map(\.isSettled) == [false])
    }

    @Test func `it goes like an hour of usage: closed, settled, and its retention passed`() throws {
        let rig = try LedgerRig()
        rig.options.retentionHours = 5
        let ledger = try rig.open()
        let kept = try ledger.decided("a", hour: 10)
        kept.raise(to: 1)
        let passing = try ledger.decided("b", hour: 10)
        passing.raise(to: 1)
        passing.settle(to: 1)
        #expect(ledger.sweep(currentHour: 15, limit: 256) == 0)
        #expect(ledger.statistics.oldestSettledHour == 10)
        #expect(ledger.sweep(currentHour: 16, limit: 256) == 1)
        #expect(ledger.entries.map(\.tenant) == ["a"])
        kept.settle(to: 1)
        #expect(ledger.sweep(currentHour: 16, limit: 256) == 1)
        #expect(ledger.statistics.decidedCount == 0)
    }

    @Test func `it goes before its retention where slots are short, and stays while Redis does not have it`() throws {
        let rig = try LedgerRig(slotCount: 20, reservedSlotCount: 0)
        let ledger = try rig.open()
        for number in 0..<20 {
            let slot = try ledger.decided("t\(number)", hour: 40)
            slot.raise(to: 1)
            if number == 7 { slot.settle(to: 1) }
        }
        #expect(try ledger.reclaim(currentHour: 40) == 0)
        #expect(try ledger.reclaim(currentHour: 41) == 1)
        #expect(!ledger.entries.map(\.tenant).contains("t7"))
    }

    @Test func `it moves to a file of another size, and to another incarnation as a former one's`() throws {
        let rig = try LedgerRig()
        let holder = try rig.use { ledger in
            try ledger.decided("acme", hour: 480_000).raise(to: 7)
            return ledger.holder
        }
        rig.options.layout = LedgerLayout(slotCount: 500)
        try rig.use(on: LedgerRig.rebooted) { ledger in
            let entry = try #require(ledger.entries.first)
            #expect(entry.totals == .decided(decided: 7, settled: 0))
            #expect((entry.holder, entry.isCurrent) == (holder, false))
            let slot = try ledger.decided("acme", hour: 480_000)
            #expect(slot.decided == 0)
        }
        rig.options.layout = LedgerLayout(slotCount: 1)
        #expect(try rig.refusal() == .doesNotFit(path: rig.path, usedSlots: 2, slotCount: 1))
    }

    @Test func `a word that it does not have is damage`() throws {
        let rig = try LedgerRig(slotCount: 16)
        try rig.use { try $0.decided("acme", hour: 480_000).raise(to: 7) }
        let start = rig.options.layout.fileBytes - 16 * 64
        for word in [5, 7] {
            try rig.overwrite(at: start + word * 8, [1])
            guard case .damagedSlot(_, 0, start, let reason) = try rig.refusal() else {
                Issue.record("word \(word)")
                return
            }
            #expect(reason == "it has a total that its kind does not have")
            #expect(try LedgerReader(rig.path).damagedSlots().map(\.reason) == [reason])
            try rig.overwrite(at: start + word * 8, [0])
        }
        #expect(Array(try LedgerReader(rig.path)).map(\.totals) == [.decided(decided: 7, settled: 0)])
    }
}
