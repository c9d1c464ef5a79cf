import Ledger
import TestSupport
import Testing

@Suite struct OpeningTests {
    @Test func `a ledger knows the oldest hour that it was opened with`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            #expect(ledger.oldestHour == nil)
            _ = try ledger.lease("acme")
            try ledger.usage("acme", hour: 480_007).addConsumed(1)
        }
        try rig.use { ledger in
            #expect(ledger.oldestHour == 480_007)
            try ledger.decided("acme", hour: 480_003).raise(to: 1)
            #expect(ledger.oldestHour == 480_007)
        }
        // Rows of a former incarnation count, and so they do in a file made anew.
        rig.options.layout = LedgerLayout(slotCount: 300)
        #expect(try rig.use(on: LedgerRig.rebooted) { $0.oldestHour } == 480_003)
    }
}
