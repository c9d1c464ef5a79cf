import Foundation
import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct KillTests {
    private static let tenantCount = 300

    /// Takes units for tenants in turn, lets go of old hours, opens anew now and then, until it is killed.
    static func work(_ path: String, killAfterMicroseconds delay: UInt64) throws {
        let start = ContinuousClock.now
        Thread.detachNewThread {
            // Watching the clock, not sleeping: the kill may come between any two instructions of the other thread.
            while ContinuousClock.now - start < .microseconds(Int64(delay)) {}
            kill(getpid(), SIGKILL)
        }
        let options = LedgerOptions(
            path: path, holderID: "web-1", layout: LedgerLayout(slotCount: 1000, tenantNameBytes: 16384),
            retentionHours: 0, reservedSlotCount: 0)
        while ContinuousClock.now - start < .seconds(30) {
            let ledger = try LedgerFile.open(options, host: LedgerRig.home)
            for call in 0..<20_000 {
                try take(ledger, tenant: "tenant-\(call % tenantCount)", hour: UInt32(480_000 + call / 3000))
            }
        }
    }

    private static func take(_ ledger: LedgerFile, tenant: String, hour: UInt32) throws {
        // Hours are totalled in one row that stays, and in short-lived ones that come and go.
        let lease = try ledger.lease(tenant)
        let usage = try ledger.usage(tenant, "kept", hour: 1)
        let passing = ledger.create(.usage(periodStart: 100, hour: hour), tenant, "passing")
        lease.addSpent(1)
        usage.addConsumed(1)
        switch passing {
        case .created(let slot), .found(let slot):
            ledger.usage(slot).addConsumed(1)
            ledger.usage(slot).settle(consumed: .max, refunded: 0)
        case .full: break
        }
        ledger.sweep(currentHour: hour, limit: 20)
    }

    @Test func `a kill at any moment leaves totals that only grew, and no half slot`() async throws {
        var random = SeededRandom(for: "kills")
        let rig = try LedgerRig(slotCount: 1000, tenantNameBytes: 16384, reservedSlotCount: 0)
        let path = rig.path
        var before: [String: Int64] = [:]
        let rounds = 12
        for _ in 0..<rounds {
            // The first part of it falls into opening the file.
            let delay = UInt64.random(in: 0..<60_000, using: &random)
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, delay = delay as UInt64] in
                try KillTests.work(path, killAfterMicroseconds: delay)
            }
            let entries = try rig.use { $0.entries }
            var after: [String: Int64] = [:]
            for entry in entries {
                switch entry.totals {
                case .lease(_, _, let spent, _): after["\(entry.tenant) spent"] = spent
                case .usage(let consumed, _, _, _) where entry.meter == "kept": after[entry.tenant] = consumed
                case .usage, .decided, .reservation: break
                }
            }
            for (name, total) in before { #expect(after[name, default: -1] >= total, "\(name)") }
            // Units spent and not billed: at most one call's of each life that was cut short. None the other way.
            let tenants = Set(entries.map(\.tenant))
            let behind = tenants.map { after["\($0) spent", default: 0] - after[$0, default: 0] }
            #expect(behind.allSatisfy { $0 >= 0 })
            #expect(behind.reduce(0, +) <= Int64(rounds))
            before = after
        }
        #expect(before.values.reduce(0, +) > 0)
    }
}
