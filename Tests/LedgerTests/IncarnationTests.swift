import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct IncarnationTests {
    private func boot(_ number: Int) -> HostIdentity {
        HostIdentity(
            machineID: "0123456789abcdef0123456789abcdef",
            bootID: "00000000-0000-0000-0000-" + String(repeating: "0", count: 9) + String(100 + number))
    }

    /// Counts 5 in an hour that Redis does not have.
    private func count(_ ledger: LedgerFile) throws {
        let lease = try ledger.lease("acme")
        lease.raiseGranted(to: lease.granted + 20)
        lease.addSpent(5)
        try ledger.usage("acme", hour: 480_000).addConsumed(5)
    }

    @Test func `another boot of a closed ledger goes on under its name`() throws {
        let rig = try LedgerRig()
        let holder = try rig.use(closes: true) { ledger in
            try count(ledger)
            return ledger.holder
        }
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.holder == holder)
            let (usage, lease) = (try ledger.usage("acme", hour: 480_000), try ledger.lease("acme"))
            #expect(usage.consumed == 5)
            #expect(lease.unspent == 0)
        }
    }

    @Test func `another boot of a ledger that was synced before every answer goes on under its name`() throws {
        let rig = try LedgerRig()
        rig.options.durability = .power
        let holder = try rig.use { ledger in
            try count(ledger)
            try ledger.sync()
            return ledger.holder
        }
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.holder == holder)
            let usage = try ledger.usage("acme", hour: 480_000)
            #expect(usage.consumed == 5)
        }
    }

    @Test func `another boot of a ledger that nobody closed starts a new incarnation`() throws {
        let rig = try LedgerRig()
        let former = try rig.use { ledger in
            try count(ledger)
            return ledger.holder
        }
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.holder != former)
            #expect(ledger.formerHolders == [former])
            // The rows of the former one are there to be sent, and found for no call.
            #expect(ledger.find(.usage(periodStart: 100, hour: 480_000), "acme", "messages") == nil)
            #expect(ledger.find(.lease(periodStart: 100), "acme", "messages") == nil)
            #expect(ledger.entries.map(\.holder) == [former, former])
            #expect(ledger.entries.map(\.isCurrent) == [false, false])
            #expect(
                ledger.entries[0].totals == .lease(granted: 20, returned: 15, spent: 5, reserved: 0),
                "its lease has ended")
            #expect(ledger.statistics.formerCount == 2)
            try count(ledger)
            let usage = try ledger.usage("acme", hour: 480_000)
            #expect(usage.consumed == 5)
            #expect(ledger.entries.count == 4)
            let holders = ledger.entries.map { ledger.holder(of: $0.slot) }
            #expect(holders == [former, former, ledger.holder, ledger.holder])
            #expect(ledger.entries.map { ledger.isCurrent($0.slot) } == [false, false, true, true])
        }
    }

    @Test func `a boot that dies in the middle of taking over is as good as none`() throws {
        let rig = try LedgerRig()
        let first = try rig.use { ledger in
            try count(ledger)
            return ledger.holder
        }
        let second = try rig.use(on: LedgerRig.rebooted) { $0.holder }
        // The same boot again: nothing but a process died.
        try rig.use(on: LedgerRig.rebooted) { ledger in
            #expect(ledger.holder == second)
            #expect(ledger.formerHolders == [first])
        }
    }

    @Test func `former rows are let go when Redis has them, and their name with them`() throws {
        let rig = try LedgerRig()
        _ = try rig.use { try count($0) }
        try rig.use(on: LedgerRig.rebooted) { ledger in
            try count(ledger)
            for entry in ledger.entries where !entry.isCurrent {
                switch entry.place.kind {
                case .lease: ledger.lease(entry.slot).setSettled(true)
                case .usage: ledger.usage(entry.slot).settle(consumed: 5, refunded: 0)
                case .decided: ledger.decided(entry.slot).settle(to: 5)
                case .reservation: Issue.record("nothing was reserved")
                }
            }
            ledger.sweep(currentHour: 480_100, limit: 256)
            #expect(ledger.formerHolders.isEmpty)
            #expect(ledger.entries.count == 2)
            let usage = try ledger.usage("acme", hour: 480_000)
            #expect(usage.consumed == 5)
        }
    }

    @Test func `an unknown boot is like no other`() throws {
        let rig = try LedgerRig()
        let unknown = HostIdentity(machineID: "", bootID: "")
        let first = try rig.use(on: unknown) { $0.holder }
        let second = try rig.use(on: unknown, closes: true) { $0.holder }
        #expect(first != second)
        #expect(try rig.use(on: unknown) { $0.holder } == second)
    }

    @Test func `a closed ledger that wakes up on another machine starts a new incarnation`() throws {
        let rig = try LedgerRig()
        let holder = try rig.use(closes: true) { $0.holder }
        let other = HostIdentity(
            machineID: "ffffffffffffffffffffffffffffffff", bootID: "11111111-2222-3333-4444-555555555555")
        #expect(try rig.use(on: other) { $0.holder } != holder)
    }

    @Test func `a copy of a closed ledger starts a new incarnation, and a renamed one does not`() throws {
        let rig = try LedgerRig()
        let holder = try rig.use(closes: true) { $0.holder }
        let original = rig.path
        rig.options.path = rig.directory.file("copy.tgl")
        try FileManager.default.copyItem(atPath: original, toPath: rig.path)
        #expect(try rig.use { $0.holder } != holder)
        rig.options.path = rig.directory.file("renamed.tgl")
        try FileManager.default.moveItem(atPath: original, toPath: rig.path)
        #expect(try rig.use { $0.holder } == holder)
    }

    @Test func `incarnations are remembered until there are too many that Redis does not have`() throws {
        let rig = try LedgerRig()
        var holders: [String] = []
        for number in 0..<16 {
            try rig.use(on: boot(number)) { ledger in
                #expect(ledger.formerHolders == holders)
                holders.append(ledger.holder)
                try ledger.usage("acme", hour: 480_000).addConsumed(Int64(number + 1))
            }
        }
        let error = try rig.refusal(on: boot(16))
        #expect(error == .tooManyIncarnations(path: rig.path))
        // The last boot's owner gets one of them to Redis; its retention has not passed.
        try rig.use(on: boot(15)) { ledger in
            let entry = try #require(ledger.entries.first { $0.holder == holders[4] })
            ledger.usage(entry.slot).settle(consumed: 5, refunded: 0)
        }
        try rig.use(on: boot(16)) { ledger in
            #expect(!holders.contains(ledger.holder))
            #expect(Set(ledger.formerHolders) == Set(holders).subtracting([holders[4]]))
        }
    }
}
