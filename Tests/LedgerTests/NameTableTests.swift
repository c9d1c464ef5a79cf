import TestSupport
import Testing

@testable import Ledger

@Suite struct NameTableTests {
    /// A region in memory, which tables can be opened on one after the other.
    private final class Memory {
        let base = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 8)

        init() { base.initializeMemory(as: UInt8.self, repeating: 0, count: 2048) }
        deinit { base.deallocate() }

        func open() -> NameTable {
            var table = NameTable(
                NameRegion(base: base, unitCount: 256, longest: 128), seed: HashSeed(low: 1, high: 2))
            #expect(table.load() == nil)
            return table
        }
    }

    @Test func `a name that a kill kept from being finished is not there, and in nobody's way`() throws {
        let memory = Memory()
        var table = memory.open()
        let first = try table.take("first")
        // Bytes of a longer name whose head was never written, which look like heads themselves.
        let end = (Int(first.id) + 2) * 8
        (memory.base + end + 8).initializeMemory(as: UInt8.self, repeating: 0xff, count: 128)
        table = memory.open()
        let second = try table.take("second")
        #expect(second.isNew)
        table = memory.open()
        #expect(table.count == 2)
        let again = try table.take("second")
        #expect(again.id == second.id && !again.isNew)
    }

    @Test func `a second record of a name serves who has its id, and no one else`() throws {
        let memory = Memory()
        var table = memory.open()
        let first = try table.take("acme")
        // What a power loss may bring back.
        (memory.base + (Int(first.id) + 2) * 8).copyMemory(from: memory.base + Int(first.id) * 8, byteCount: 16)
        table = memory.open()
        table.retain(first.id + 2)
        table.retain(first.id)
        let again = try table.take("acme")
        #expect(again.id == first.id)
        table.release(first.id + 2)
        table.collect()
        #expect(table.region.bytes(first.id + 2) == nil)
        let third = try table.take("acme")
        #expect(third.id == first.id)
    }

    @Test func `a random life of names is that of a dictionary`() throws {
        var random = SeededRandom(for: "names")
        let memory = Memory()
        var table = memory.open()
        var uses: [String: (id: UInt32, count: Int)] = [:]
        for step in 0..<5000 {
            let name = String(repeating: "n", count: Int.random(in: 1...60, using: &random))
            if Bool.random(using: &random) {
                guard let (id, _) = table.acquire(name.utf8Span.span) else { continue }
                #expect(uses[name] == nil || uses[name]?.id == id)
                uses[name] = (id, (uses[name]?.count ?? 0) + 1)
            } else if let use = uses[name] {
                table.release(use.id)
                uses[name] = use.count > 1 ? (use.id, use.count - 1) : nil
            }
            if step % 50 == 0 { table.collect() }
            if step % 300 == 0 {
                table = memory.open()
                for use in uses.values { for _ in 0..<use.count { table.retain(use.id) } }
            }
            for (name, use) in uses { #expect(table.region.bytes(use.id).map { $0.count } == name.utf8.count) }
        }
        #expect(!uses.isEmpty)
    }
}

extension NameTable {
    /// The id of a name for which there is room.
    fileprivate mutating func take(_ name: String) throws -> (id: UInt32, isNew: Bool) {
        guard let taken = acquire(name.utf8Span.span) else { throw TestFailure("there is no room for \(name)") }
        return taken
    }
}
