import Foundation
import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct SyncFailureTests {
    /// Puts something that cannot be synced in the place of the ledger's descriptor while `body` runs: the mapping goes
    /// on as it was, and fdatasync fails as it does when the disk does.
    private func withFailingDisk(_ path: String, _ body: () throws -> Void) throws {
        let number = try #require(
            (3..<1024).first { number in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
                return target == path
            }, "the ledger is open")
        // The copy keeps the file open meanwhile, and so its lock.
        let kept = dup(Int32(number))
        let null = Glibc.open("/dev/null", O_RDWR)
        defer {
            dup2(kept, Int32(number))
            close(kept)
            close(null)
        }
        #expect(dup2(null, Int32(number)) == number)
        try body()
    }

    private func failure(_ body: () throws(LedgerError) -> Void) -> LedgerError? {
        do throws(LedgerError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `after a failed sync the ledger says for ever that it may not be whole`() throws {
        let rig = try LedgerRig()
        rig.options.durability = .power
        let holder = try rig.use { ledger in
            try ledger.usage("acme", hour: 480_000).addConsumed(5)
            try ledger.sync()
            #expect(try LedgerReader(rig.path).mark == .synced)
            var first: LedgerError?
            try withFailingDisk(rig.path) { first = failure { () throws(LedgerError) in try ledger.sync() } }
            #expect(first?.description.contains("fdatasync") == true, "\(String(describing: first))")
            #expect(first?.description.contains(rig.path) == true)
            #expect(try LedgerReader(rig.path).mark == .open)
            // The disk is back, and what it lost meanwhile is not.
            let second = failure { () throws(LedgerError) in try ledger.sync() }
            #expect(second != nil && second == first)
            #expect(ledger.create(.lease(periodStart: 100), "new", "messages") == .full(.disk))
            #expect(failure { () throws(LedgerError) in try ledger.close() } == first)
            #expect(try LedgerReader(rig.path).mark == .open)
            return ledger.holder
        }
        // Nothing but the process died: all is in the page cache.
        #expect(try rig.use { $0.holder } == holder)
    }

    @Test func `a power loss after a failed sync is one that the mark does not cover`() throws {
        let rig = try LedgerRig()
        rig.options.durability = .power
        let holder = try rig.use { ledger in
            try ledger.usage("acme", hour: 480_000).addConsumed(5)
            try withFailingDisk(rig.path) { _ = failure { () throws(LedgerError) in try ledger.sync() } }
            return ledger.holder
        }
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.holder != holder)
            #expect(ledger.formerHolders == [holder])
        }
    }
}
