import Testing

@testable import Gate

@Suite struct TenantTableTests {
    private func entry(_ table: TenantTable, _ name: String) -> TenantEntry {
        let bytes = Array(name.utf8)
        return table.entry(for: bytes.span)
    }

    @Test func `every tenant keeps its one entry while the table grows`() {
        let table = TenantTable()
        let entries = (0..<5000).map { entry(table, "tenant-\($0)") }
        #expect(table.count == 5000)
        for (number, known) in entries.enumerated() {
            #expect(known.name == "tenant-\(number)")
            #expect(entry(table, "tenant-\(number)") === known)
        }
        #expect(table.count == 5000)
    }

    @Test func `a full table forgets those nobody waits for, and nobody else`() {
        let table = TenantTable()
        let busy = (0..<3).map { entry(table, "busy-\($0)") }
        busy[0].callsUnderWay = 1
        busy[1].state = .reading
        let idle = entry(table, "idle")
        var number = 0
        while table.count < 1 << 18 {
            _ = entry(table, "t\(number)")
            number += 1
        }
        _ = entry(table, "one more")
        #expect(table.count == 3)
        #expect(entry(table, "busy-0") === busy[0])
        #expect(entry(table, "busy-1") === busy[1])
        #expect(entry(table, "busy-2") !== busy[2])
        #expect(entry(table, "idle") !== idle)
    }
}
