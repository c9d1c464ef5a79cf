import Ledger
import TestSupport
import Testing

@Suite struct SweepTests {
    @Test func `a full ledger says what it is out of, and keeps a reserve`() throws {
        let rig = try LedgerRig(slotCount: 20, reservedSlotCount: 4)
        let ledger = try rig.open()
        for number in 0..<16 { _ = try ledger.lease("t\(number)") }
        #expect(ledger.create(.lease(periodStart: 100), "other", "messages") == .full(.slots))
        #expect(ledger.statistics.freeCount == 4)
        for number in 16..<20 {
            let creation = ledger.create(.lease(periodStart: 100), "t\(number)", "messages", mayUseReserve: true)
            #expect(creation == .created(try #require(ledger.find(.lease(periodStart: 100), "t\(number)", "messages"))))
        }
        #expect(ledger.create(.lease(periodStart: 100), "other", "messages", mayUseReserve: true) == .full(.slots))
        // What is there is found as before.
        #expect(ledger.find(.lease(periodStart: 100), "t3", "messages") != nil)
    }

    @Test func `names can run out before slots, and come back`() throws {
        let rig = try LedgerRig(slotCount: 200, tenantNameBytes: 4096)
        let ledger = try rig.open()
        func name(_ number: Int) -> String { String(repeating: "n", count: 100) + String(1000 + number) }
        // A record of 104 bytes and its head is 112 bytes: 36 of them.
        for number in 0..<36 { try ledger.settledUsage(name(number), hour: 10) }
        #expect(ledger.create(.usage(periodStart: 100, hour: 10), name(36), "messages") == .full(.tenantNames))
        #expect(ledger.statistics.usageCount == 36)
        #expect(try ledger.reclaim(currentHour: 11) == 0)
        rig.options.retentionHours = 1
        // Once the hours are let go, their names can be replaced.
        #expect(try ledger.reclaim(currentHour: 10 + 49) == 36)
        #expect(ledger.statistics.tenantCount == 0)
        for number in 100..<136 { try ledger.settledUsage(name(number), hour: 60) }
        #expect(Set(ledger.entries.map(\.tenant)) == Set((100..<136).map(name)))
        // A shorter name fits in no hole, as there is none; a meter can run out too.
        for number in 0..<910 {
            _ = ledger.create(
                .usage(periodStart: 100, hour: 60), name(100), String(repeating: "m", count: 61) + String(100 + number))
        }
        #expect(ledger.statistics.usageCount == 196, "slots first")
    }

    @Test func `names that no slot uses make room at the next start`() throws {
        let rig = try LedgerRig(slotCount: 200, tenantNameBytes: 4096)
        func name(_ number: Int, length: Int) -> String {
            String(repeating: "n", count: length - 4) + String(1000 + number)
        }
        try rig.use { ledger in
            for number in 0..<20 { try ledger.settledUsage(name(number, length: 104), hour: 10) }
            ledger.sweep(currentHour: 100, limit: 200)
        }
        try rig.use { ledger in
            #expect(ledger.statistics.tenantCount == 0)
            // Holes of 112 bytes, and what is behind them, hold 36 of that length again,
            for number in 0..<36 { try ledger.settledUsage(name(number, length: 100), hour: 10) }
            ledger.sweep(currentHour: 100, limit: 200)
        }
        try rig.use { ledger in
            // and once little is left but holes, the file is made anew without them.
            for number in 0..<27 { try ledger.settledUsage(name(number, length: 128), hour: 10) }
            #expect(ledger.statistics.tenantCount == 27)
        }
    }

    @Test func `meter names can run out`() throws {
        let rig = try LedgerRig(slotCount: 2000)
        let ledger = try rig.open()
        func meter(_ number: Int) -> String { String(repeating: "m", count: 60) + String(1000 + number) }
        // Records of 72 bytes: 910 of them.
        for number in 0..<910 { _ = try ledger.lease("acme", meter(number)) }
        let before = ledger.statistics
        #expect(ledger.create(.lease(periodStart: 100), "other", meter(910)) == .full(.meterNames))
        #expect(ledger.statistics.freeCount == before.freeCount)
        #expect(ledger.create(.lease(periodStart: 100), "other", meter(909)) != .full(.meterNames))
    }

    @Test func `a name that is let go serves its tenant again`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        for _ in 0..<100 {
            try ledger.settledUsage("acme", hour: 10)
            #expect(ledger.sweep(currentHour: 100, limit: 256) == 1)
        }
        #expect(ledger.statistics.tenantCount == 1)
        #expect(ledger.statistics.tenantNameBytes == 0)
    }

    @Test func `an hour goes when it is closed, settled, and its retention has passed`() throws {
        let rig = try LedgerRig()
        rig.options.retentionHours = 5
        let ledger = try rig.open()
        try ledger.settledUsage("a", hour: 10)
        try ledger.usage("b", hour: 10).addConsumed(1)
        try ledger.settledUsage("c", hour: 11)
        var gone: [String] = []
        func sweep(_ hour: UInt32) {
            ledger.sweep(currentHour: hour, limit: 256) { gone.append(ledger.entry(at: $0)?.tenant ?? "") }
        }
        for hour: UInt32 in 10...15 { sweep(hour) }
        #expect(gone.isEmpty)
        #expect(ledger.statistics.oldestSettledHour == 10)
        sweep(16)
        #expect(gone == ["a"])
        #expect(ledger.statistics.oldestSettledHour == 11)
        sweep(17)
        #expect(gone == ["a", "c"])
        #expect(ledger.statistics.oldestSettledHour == nil)
        sweep(5000)
        #expect(gone == ["a", "c"], "Redis does not have b")
        try ledger.usage("b", hour: 10).settle(consumed: 1, refunded: 0)
        sweep(5000)
        #expect(gone == ["a", "c", "b"])
        #expect(ledger.statistics.retentionShrunkTo == nil)
    }

    @Test func `a lease goes when its owner has settled it and nothing of it is out`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        let lease = try ledger.lease("acme")
        lease.raiseGranted(to: 10)
        lease.addSpent(6)
        lease.addReserved(2)
        func isKept() -> Bool { ledger.sweep(currentHour: 100, limit: 256) == 0 }
        #expect(isKept())
        lease.setSettled(true)
        #expect(isKept())
        lease.returnUnspent()
        #expect(isKept(), "a reservation runs")
        lease.removeReserved(2)
        #expect(isKept(), "two units are out again")
        lease.returnUnspent()
        lease.setSettled(false)
        #expect(isKept())
        lease.setSettled(true)
        lease.addReserved(1)
        lease.addSpent(1)
        #expect(isKept(), "a reservation runs, though more was spent than granted")
        lease.removeReserved(1)
        #expect(!isKept())
        #expect(ledger.find(.lease(periodStart: 100), "acme", "messages") == nil)
    }

    @Test func `when slots run short the oldest settled hours go first`() throws {
        var random = SeededRandom(for: "order of recycling")
        for _ in 0..<20 {
            let rig = try LedgerRig(slotCount: 320, reservedSlotCount: 4)
            let ledger = try rig.open()
            var kept: [(hour: UInt32, isSettled: Bool)] = []
            while ledger.statistics.freeCount > 4 {
                let hour = UInt32.random(in: 100...110, using: &random)
                let isSettled = Int.random(in: 0..<3, using: &random) > 0
                let slot = try ledger.usage("t\(kept.count)", hour: hour)
                slot.addConsumed(1)
                if isSettled { slot.settle(consumed: 1, refunded: 0) }
                kept.append((hour, isSettled))
            }
            // A twentieth is wanted free on top of the reserve: 20 slots.
            var gone: [UInt32] = []
            let freed = try ledger.reclaim(currentHour: 110) { slot in
                guard let entry = ledger.entry(at: slot) else { return }
                #expect(entry.isSettled)
                gone.append(entry.place.hour)
            }
            #expect(freed == 20)
            let candidates = kept.filter { $0.isSettled && $0.hour < 110 }.map(\.hour).sorted()
            #expect(gone.sorted() == Array(candidates.prefix(20)))
            let newest = try #require(gone.max())
            #expect(ledger.statistics.retentionShrunkTo == 110 - Int(newest) - 1)
            #expect(ledger.statistics.freeCount == 24)
        }
    }

    @Test func `no slot of the current hour goes, nor one that Redis does not have, however short they are`() throws {
        let rig = try LedgerRig(slotCount: 20, reservedSlotCount: 0)
        let ledger = try rig.open()
        for number in 0..<10 { try ledger.settledUsage("a\(number)", hour: 50) }
        for number in 0..<10 { try ledger.usage("b\(number)", hour: 40).addConsumed(1) }
        #expect(try ledger.reclaim(currentHour: 50) == 0)
        #expect(ledger.sweep(currentHour: 50, limit: 1000) == 0)
        #expect(ledger.create(.lease(periodStart: 1), "new", "messages") == .full(.slots))
        #expect(ledger.statistics.retentionShrunkTo == nil)
        // The hour closes.
        #expect(try ledger.reclaim(currentHour: 51) == 1)
        #expect(ledger.statistics.retentionShrunkTo == 0)
        #expect(ledger.create(.lease(periodStart: 1), "new", "messages") != .full(.slots))
    }

    @Test func `making room in vain is not tried again until something has changed`() throws {
        let rig = try LedgerRig(slotCount: 20, reservedSlotCount: 0)
        let ledger = try rig.open()
        for number in 0..<20 { try ledger.usage("b\(number)", hour: 40).addConsumed(1) }
        #expect(try ledger.reclaim(currentHour: 41) == 0)
        for number in 0..<20 { try ledger.usage("b\(number)", hour: 40).settle(consumed: 1, refunded: 0) }
        #expect(try ledger.reclaim(currentHour: 41) == 0)
        ledger.sweep(currentHour: 41, limit: 20)
        #expect(try ledger.reclaim(currentHour: 41) == 1)
    }

    @Test func `frequent sweeps keep slots free ahead of need`() throws {
        let rig = try LedgerRig(slotCount: 640, reservedSlotCount: 0)
        let ledger = try rig.open()
        var made = 0
        for hour: UInt32 in 100..<200 {
            for number in 0..<30 {
                try ledger.settledUsage("t\(number)", hour: hour)
                made += 1
                ledger.sweep(currentHour: hour, limit: 64)
            }
        }
        #expect(made == 3000)
        #expect(ledger.statistics.freeCount >= 20)
        let shrunk = try #require(ledger.statistics.retentionShrunkTo)
        #expect((15...21).contains(shrunk), "\(shrunk) hours of 30 slots fit")
        // The newest hours are all there, without a gap.
        for hour: UInt32 in 182..<200 {
            for number in 0..<30 { #expect(ledger.has("t\(number)", hour: hour)) }
        }
    }
}
