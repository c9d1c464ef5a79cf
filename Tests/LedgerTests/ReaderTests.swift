import Foundation
import Glibc
import Ledger
import Synchronization
import TestSupport
import Testing

@Suite struct ReaderTests {
    /// What a writer on another thread has made, and whether that is enough.
    private final class Progress: Sendable {
        let made = Atomic(0)
        let isEnough = Atomic(false)
        let hasEnded = Atomic(false)
    }

    @Test func `a reader sees what the owner does, without its lock`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        try ledger.lease("acme").addSpent(5)
        let reader = try LedgerReader(rig.path)
        try ledger.usage("acme", hour: 480_000).addConsumed(5)
        #expect(Array(reader) == ledger.entries)
        #expect(Array(reader).count == 2)
        #expect(reader.holder == ledger.holder)
        #expect(reader.mark == .open)
        #expect(reader.id.count == 32)
        #expect(reader.createdAt > 1_700_000_000_000_000)
        try ledger.close()
        #expect(try LedgerReader(rig.path).mark == .closed)
        #expect(reader.damagedSlots().isEmpty)
    }

    @Test func `a reader refuses what is no ledger`() throws {
        let rig = try LedgerRig()
        func refusal() throws -> LedgerError {
            do throws(LedgerError) { _ = try LedgerReader(rig.path) } catch { return error }
            throw TestFailure("it was read")
        }
        #expect(try refusal() == .missing(path: rig.path))
        try rig.directory.write("a diary", to: "ledger-0.tgl")
        #expect(try refusal() == .foreign(path: rig.path))
    }

    @Test func `a reader shows what is whole in a file that its owner refuses`() throws {
        let rig = try LedgerRig(slotCount: 16)
        try rig.use { ledger in
            for number in 0..<3 { try ledger.lease("t\(number)").addSpent(1) }
        }
        let offset = rig.options.layout.fileBytes - 15 * 64
        try rig.overwrite(at: offset, [1, 2, 3])
        #expect(try rig.refusal().description.hasPrefix("slot 1 "))
        let reader = try LedgerReader(rig.path)
        #expect(reader.map(\.tenant) == ["t0", "t2"])
        let damaged = reader.damagedSlots()
        #expect(damaged.map(\.slot) == [1])
        #expect(damaged.map(\.offset) == [offset])
    }

    @Test func `beside a live writer every entry is whole`() throws {
        let rig = try LedgerRig(slotCount: 64, tenantNameBytes: 4096, reservedSlotCount: 0)
        rig.options.retentionHours = 0
        let options = rig.options
        _ = try rig.open()
        let progress = Progress()
        let reader = try LedgerReader(rig.path)
        Thread.detachNewThread {
            do {
                try Self.churn(try LedgerRig.open(options), progress)
            } catch {
                Issue.record(error)
            }
            progress.hasEnded.store(true, ordering: .releasing)
        }
        var seen = 0
        let deadline = ContinuousClock.now + .seconds(30)
        while progress.made.load(ordering: .acquiring) < 20_000, ContinuousClock.now < deadline {
            for entry in reader {
                if !Self.isWhole(entry) { Issue.record("\(entry)") }
                seen += 1
            }
        }
        progress.isEnough.store(true, ordering: .releasing)
        while !progress.hasEnded.load(ordering: .acquiring) { sched_yield() }
        #expect(progress.made.load(ordering: .acquiring) >= 20_000)
        #expect(seen > 0)
        #expect(reader.damagedSlots().isEmpty)
    }

    /// Whether name, hour and totals are of one slot: a tenant's number is the length of its name, and all of them are
    /// made from it.
    private static func isWhole(_ entry: LedgerEntry) -> Bool {
        let number = Int64(entry.tenant.utf8.count)
        guard case .usage(let consumed, _, let settled, _) = entry.totals else { return false }
        return entry.place.hour % 40 == UInt32(number % 40) && consumed % number == 0 && settled % number == 0
    }

    /// Makes, settles and lets go of hours as fast as it can.
    private static func churn(_ ledger: LedgerFile, _ progress: Progress) throws {
        let names = (1...100).map { String(repeating: "x", count: $0) }
        var round: UInt32 = 1
        while !progress.isEnough.load(ordering: .acquiring) {
            for name in names {
                let number = UInt32(name.utf8.count)
                let place = SlotPlace.usage(periodStart: 100, hour: round * 40 + number % 40)
                switch ledger.create(place, name, "messages") {
                case .created(let slot), .found(let slot):
                    ledger.usage(slot).addConsumed(Int64(number))
                    ledger.usage(slot).settle(consumed: Int64(number), refunded: 0)
                    progress.made.add(1, ordering: .releasing)
                case .full: try ledger.reclaim(currentHour: round * 40 + 41)
                }
            }
            round += 1
            ledger.sweep(currentHour: round * 40, limit: 64)
        }
    }
}
