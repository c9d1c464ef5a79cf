import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct LedgerFileTests {
    @Test func `a slot is found again after a restart`() throws {
        let rig = try LedgerRig()
        let holder = try rig.use { ledger in
            let lease = try ledger.lease("acme")
            lease.raiseGranted(to: 50)
            lease.addSpent(7)
            try ledger.usage("acme", hour: 480_000).addConsumed(7)
            return ledger.holder
        }
        try rig.use { ledger in
            #expect(ledger.holder == holder)
            #expect(holder.wholeMatch(of: /web-1\.0\.[a-z2-7]{8}/) != nil)
            let slot = try #require(ledger.find(.lease(periodStart: 100), "acme", "messages"))
            #expect(ledger.lease(slot).spent == 7)
            let hour = try #require(ledger.find(.usage(periodStart: 100, hour: 480_000), "acme", "messages"))
            #expect(ledger.usage(hour).consumed == 7)
            #expect(ledger.find(.usage(periodStart: 100, hour: 480_001), "acme", "messages") == nil)
            #expect(ledger.find(.usage(periodStart: 100, hour: 480_000), "acmf", "messages") == nil)
            #expect(ledger.find(.usage(periodStart: 100, hour: 480_000), "acme", "tokens") == nil)
            #expect(ledger.create(.usage(periodStart: 100, hour: 480_000), "acme", "messages") == .found(hour))
        }
    }

    @Test func `a restart ends every lease`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            let lease = try ledger.lease("acme")
            lease.raiseGranted(to: 50)
            lease.addReturned(10)
            lease.addSpent(7)
            lease.addReserved(3)
            #expect(lease.unspent == 30)
            // It spent more than it was granted: there is nothing to return.
            try ledger.lease("over").addSpent(9)
        }
        try rig.use(closes: true) { ledger in
            let lease = try ledger.lease("acme")
            // What no reservation holds is not reserved.
            #expect(lease.returned == 43)
            #expect(lease.unspent == 0)
            #expect(try ledger.lease("over").returned == 0)
        }
    }

    @Test func `totals only grow`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        let lease = try ledger.lease("acme")
        lease.raiseGranted(to: 9)
        lease.raiseGranted(to: 4)
        lease.raiseSpent(to: 3)
        lease.raiseSpent(to: 2)
        lease.raiseReturned(to: 2)
        lease.raiseReturned(to: 1)
        #expect((lease.granted, lease.spent, lease.returned) == (9, 3, 2))
        lease.returnUnspent()
        lease.returnUnspent()
        #expect(lease.returned == 6)
        let usage = try ledger.usage("acme", hour: 5)
        #expect(usage.isSettled)
        usage.raiseConsumed(to: 8)
        usage.raiseConsumed(to: 7)
        usage.raiseRefunded(to: 2)
        usage.raiseRefunded(to: 1)
        #expect((usage.consumed, usage.refunded) == (8, 2))
        usage.settle(consumed: 8, refunded: 1)
        #expect(!usage.isSettled)
        usage.settle(consumed: 1, refunded: 2)
        #expect(usage.isSettled)
        #expect((usage.settledConsumed, usage.settledRefunded) == (8, 2))
        usage.unsettle()
        #expect(!usage.isSettled)
    }

    @Test func `reserved units are held and let go`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        let lease = try ledger.lease("acme")
        lease.raiseGranted(to: 10)
        lease.addReserved(6)
        lease.addSpent(4)
        lease.removeReserved(6)
        #expect(lease.unspent == 6)
        #expect(lease.reserved == 0)
    }

    @Test func `a negative amount traps`() async throws {
        let rig = try LedgerRig()
        await #expect(processExitsWith: .signal(SIGILL)) { [path = rig.path as String] in
            let ledger = try LedgerRig.open(LedgerRig.options(path))
            try withExtendedLifetime(ledger) { try ledger.lease("acme").addSpent(-1) }
        }
        await #expect(processExitsWith: .signal(SIGILL)) { [path = rig.path as String] in
            let ledger = try LedgerRig.open(LedgerRig.options(path))
            try withExtendedLifetime(ledger) { try ledger.lease("acme").removeReserved(1) }
        }
    }

    @Test func `names of every length stand once and come back`() throws {
        let rig = try LedgerRig(slotCount: 4096)
        let names = (1...128).map { String(repeating: "x", count: $0) }
        let meters = (1...64).map { String(repeating: "m", count: $0) }
        try rig.use { ledger in
            for (number, name) in names.enumerated() {
                for meter in [meters[number % 64], "messages"] {
                    _ = try ledger.lease(name, meter)
                    try ledger.usage(name, meter, hour: 9).addConsumed(Int64(number))
                }
            }
        }
        try rig.use { ledger in
            #expect(ledger.statistics.tenantCount == 128)
            #expect(ledger.statistics.meterCount == 65)
            #expect(ledger.statistics.leaseCount == 256)
            #expect(ledger.statistics.usageCount == 256)
            for (number, name) in names.enumerated() {
                #expect(try ledger.usage(name, hour: 9).consumed == Int64(number))
            }
            #expect(Set(ledger.entries.map(\.tenant)) == Set(names))
            let slot = try #require(ledger.slot(after: nil))
            #expect(ledger.withNames(of: slot) { tenant, meter in (tenant.count, meter.count) } == (1, 1))
            #expect(ledger.place(of: slot) == .lease(periodStart: 100))
        }
    }

    @Test func `an entry says all of a slot`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        let lease = try ledger.lease("acme")
        lease.raiseGranted(to: 10)
        lease.addSpent(4)
        lease.setSettled(true)
        #expect(lease.isSettled)
        try ledger.usage("acme", "tokens", hour: 12).addConsumed(4)
        let entries = ledger.entries
        #expect(entries.map(\.holder) == [ledger.holder, ledger.holder])
        #expect(entries.map(\.meter) == ["messages", "tokens"])
        #expect(entries.map(\.place) == [.lease(periodStart: 100), .usage(periodStart: 100, hour: 12)])
        #expect(entries.map(\.isSettled) == [true, false])
        #expect(entries[0].totals == .lease(granted: 10, returned: 0, spent: 4, reserved: 0))
        #expect(
            entries[1].totals == .usage(consumed: 4, refunded: 0, settledConsumed: 0, settledRefunded: 0))
        #expect(entries.map(\.isCurrent) == [true, true])
        lease.setSettled(false)
        #expect(!lease.isSettled)
        #expect(ledger.place(of: entries[1].slot) == .usage(periodStart: 100, hour: 12))
    }

    @Test func `a closed ledger is not used any more`() async throws {
        let rig = try LedgerRig()
        await #expect(processExitsWith: .signal(SIGILL)) { [path = rig.path as String] in
            let ledger = try LedgerRig.open(LedgerRig.options(path))
            try ledger.close()
            _ = ledger.create(.lease(periodStart: 1), "acme", "messages")
        }
    }
}
