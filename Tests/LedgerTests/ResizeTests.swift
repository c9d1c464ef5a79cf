import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct ResizeTests {
    /// A ledger with 60 leases and hours, and gaps where others were let go.
    private func filled() throws -> LedgerRig {
        let rig = try LedgerRig(slotCount: 128, tenantNameBytes: 8192)
        try rig.use { ledger in
            for number in 0..<40 {
                let usage = try ledger.usage("tenant-\(number)", "tokens", hour: 480_000 + UInt32(number % 3))
                usage.addConsumed(Int64(number))
                if number % 2 == 0 { usage.settle(consumed: Int64(number), refunded: 0) }
                let lease = try ledger.lease("tenant-\(number)")
                lease.raiseGranted(to: 10)
                lease.addSpent(10)
            }
            #expect(ledger.sweep(currentHour: 480_100, limit: 128) == 20)
        }
        return rig
    }

    private func contents(_ ledger: LedgerFile) -> Set<String> {
        Set(ledger.entries.map { "\($0.holder) \($0.tenant) \($0.meter) \($0.place) \($0.totals)" })
    }

    @Test(arguments: [
        (4000, 8192), (129, 8192), (128, 65536), (128, 4096), (64, 4096), (60, 8192),
    ])
    func `a ledger is made anew in another size with all that is in it`(slots: Int, nameBytes: Int) throws {
        let rig = try filled()
        let before = try rig.use { ($0.holder, contents($0)) }
        let id = try LedgerReader(rig.path).id
        rig.options.layout = LedgerLayout(slotCount: slots, tenantNameBytes: nameBytes)
        for _ in 0..<2 {
            try rig.use { ledger in
                #expect(ledger.holder == before.0)
                #expect(contents(ledger) == before.1)
                #expect(ledger.statistics.slotCount == slots)
                #expect(ledger.statistics.tenantCount == 40)
                for entry in ledger.entries {
                    #expect(ledger.find(entry.place, entry.tenant, entry.meter) == entry.slot)
                }
            }
        }
        let reader = try LedgerReader(rig.path)
        #expect(reader.id == id)
        #expect(reader.layout == rig.options.layout)
        #expect(access(rig.path + ".new", F_OK) != 0)
    }

    @Test func `what does not fit is refused, and nothing is lost`() throws {
        let rig = try filled()
        let before = try rig.use { contents($0) }
        let old = rig.options.layout
        rig.options.layout = LedgerLayout(slotCount: 59)
        let error = try rig.refusal()
        #expect(error == .doesNotFit(path: rig.path, usedSlots: 60, slotCount: 59))
        #expect(error.description.contains("has 60 slots in use, which do not fit into 59 slots"))
        #expect(access(rig.path + ".new", F_OK) != 0)
        rig.options.layout = old
        #expect(try rig.use { contents($0) } == before)
    }

    @Test func `rows of former incarnations come along under their names`() throws {
        let rig = try filled()
        let holder = try rig.use { $0.holder }
        rig.options.layout = LedgerLayout(slotCount: 500)
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.holder != holder)
            #expect(ledger.formerHolders == [holder])
            #expect(ledger.entries.count == 60)
            let first = try ledger.usage("tenant-1", "tokens", hour: 480_001)
            #expect(first.consumed == 0)
        }
    }

    @Test func `a draft that a kill left behind is in nobody's way`() throws {
        let rig = try filled()
        try rig.directory.write("half a ledger", to: "ledger-0.tgl.new")
        rig.options.layout = LedgerLayout(slotCount: 300)
        #expect(try rig.use { $0.entries.count } == 60)
        let other = try LedgerRig()
        try other.directory.write("half a ledger", to: "ledger-0.tgl.new")
        #expect(try other.use { $0.entries.count } == 0)
    }
}
