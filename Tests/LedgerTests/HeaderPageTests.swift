import TestSupport
import Testing

@testable import Ledger

@Suite struct HeaderPageTests {
    private struct Killed: Error {}

    private static func withPage(_ body: (HeaderPage, UnsafeMutablePointer<UInt64>, LedgerState) throws -> Void) throws
    {
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 512)
        words.initialize(repeating: 0, count: 512)
        defer { words.deallocate() }
        let birth = LedgerBirth(
            layout: LedgerLayout(slotCount: 10), id: 1, seed: HashSeed(low: 2, high: 3), createdAt: 4, holderID: "web",
            loop: 0)
        let state = LedgerState(inode: 5, host: HostIdentity(machine: 6, boot: 7))
        let page = HeaderPage(UnsafeMutableRawPointer(words))
        page.create(birth, state)
        let read = try LedgerBirth(readingFrom: page.page)
        #expect(read == birth)
        try body(page, words, state)
    }

    private static func expect(_ page: HeaderPage, _ expected: LedgerState) throws {
        let state = try page.readState()
        #expect(state == expected)
    }

    @Test func `a kill while the state is written leaves the old one or the new`() throws {
        for syncsBefore in 0...1 {
            try Self.withPage { page, words, old in
                var new = old
                new.mark = .closed
                new.startIncarnation(at: 3)
                var syncs = 0
                #expect(throws: Killed.self) {
                    try page.write(new) { () throws(Killed) in
                        guard syncs < syncsBefore else { throw Killed() }
                        syncs += 1
                    }
                }
                try Self.expect(page, syncsBefore == 0 ? old : new)
                if syncsBefore == 0 {
                    // Cut short anywhere in the copy that does not count yet.
                    words[3 * 64 + 9] = 77
                    try Self.expect(page, old)
                }
                page.write(new) {}
                try Self.expect(page, new)
            }
        }
    }

    @Test func `a state is replaced again and again`() throws {
        try Self.withPage { page, _, first in
            var state = first
            for generation in 1...9 {
                state.generation = UInt64(generation)
                page.write(state) {}
                try Self.expect(page, state)
            }
        }
    }

    @Test func `a copy that nobody is writing must be whole`() throws {
        try Self.withPage { page, words, _ in
            words[3 * 64 + 9] = 77
            #expect(throws: LedgerBirth.Fault.self) { try page.readState() }
        }
    }

    @Test func `an incarnation is eight characters that no other has`() {
        let names = (0..<1000).map { _ in Incarnation.random() }
        #expect(names.allSatisfy { $0.isSound })
        #expect(Set(names.map(\.description)).count == 1000)
        let characters = Set(names.flatMap { Array($0.description) })
        #expect(characters == Set("abcdefghijklmnopqrstuvwxyz234567"))
    }

    @Test func `this host says which boot it is`() {
        #expect(HostIdentity.current().boot != 0)
        #expect(HostIdentity.current().isSameBoot(as: .current()))
        #expect(!HostIdentity.unknown.isSameBoot(as: .unknown))
        #expect(HostIdentity(machineID: "", bootID: "not a boot id") == .unknown)
    }
}
