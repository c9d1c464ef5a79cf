import Ledger
import TestSupport
import Testing

@Suite struct BudgetTests {
    /// Just past a power of two is where the indexes are emptiest.
    @Test(arguments: [(1 << 16), (3 << 14) + 1, 100_000])
    func `a busy tenant and meter take at most 256 bytes of file and memory`(slotCount: Int) throws {
        let rig = try LedgerRig(slotCount: slotCount, reservedSlotCount: 0)
        let ledger = try rig.open()
        let pairs = slotCount / 2
        for number in 0..<pairs {
            let tenant = "tenant-\(100_000 + number)"
            #expect(tenant.utf8.count == 13)
            _ = try ledger.lease(tenant)
            try ledger.usage(tenant, hour: 480_000).addConsumed(1)
        }
        let statistics = ledger.statistics
        #expect(statistics.tenantCount == pairs)
        #expect(statistics.freeCount <= 1)
        #expect(statistics.indexLoad <= 0.75)
        // The header page and the meters' names are the same for every size.
        let bytes = Double(statistics.fileBytes + statistics.memoryBytes) / Double(pairs)
        #expect(bytes <= 256, "\(bytes) bytes")
    }
}
