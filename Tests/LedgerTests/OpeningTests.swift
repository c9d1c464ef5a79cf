import Ledger
import TestSupport
import Testing

@Suite struct OpeningTests {
    @Test func `a ledger knows the oldest hour that it has rows of`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            #expect(ledger.oldestHour == nil)
            _ = try ledger.lease("acme")
            try ledger.usage("acme", hour: 480_007).addConsumed(1)
        }
        try rig.use { ledger in
            #expect(ledger.oldestHour == 480_007)
            try ledger.decided("acme", hour: 480_003).raise(to: 1)
            #expect(ledger.oldestHour == 480_003)
        }
        // Rows of a former incarnation count, and so they do in a file made anew.
        rig.options.layout = LedgerLayout(slotCount: 300)
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.oldestHour == 480_003)
            for entry in ledger.entries where entry.place.hour == 480_003 {
                ledger.decided(entry.slot).settle(to: 1)
            }
            ledger.sweep(currentHour: 480_100, limit: 300)
            #expect(ledger.oldestHour == 480_007, "what a whole pass has let go counts no more")
        }
    }

    @Test func `a private ledger is made and then not written to any more`() throws {
        let rig = try LedgerRig()
        rig.options.isPrivate = true
        for _ in 0..<2 {
            try rig.use(closes: true) { ledger in
                #expect(ledger.entries.isEmpty)
                try ledger.usage("acme", hour: 5).addConsumed(9)
                try ledger.sync()
                let usage = try ledger.usage("acme", hour: 5)
                #expect(usage.consumed == 9)
                #expect(Array(try LedgerReader(rig.path)).isEmpty)
            }
            #expect(try LedgerReader(rig.path).mark == .open)
        }
    }

    @Test func `a private ledger shows what is in the file, in the size that the file has`() throws {
        let rig = try LedgerRig()
        try rig.use { try $0.usage("acme", hour: 5).addConsumed(9) }
        rig.options.isPrivate = true
        rig.options.layout = LedgerLayout(slotCount: 300)
        try rig.use { ledger in
            #expect(ledger.statistics.slotCount == 256)
            try ledger.usage("acme", hour: 5).addConsumed(1)
            #expect(ledger.entries.map(\.totals).count == 1)
        }
        #expect(
            Array(try LedgerReader(rig.path)).map(\.totals) == [
                .usage(consumed: 9, refunded: 0, settledConsumed: 0, settledRefunded: 0)
            ])
    }
}
