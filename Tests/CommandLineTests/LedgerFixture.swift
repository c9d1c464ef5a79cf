import Foundation
import Ledger
import TestSupport

/// A state directory with a ledger of three slots: a lease, an hour of usage and what Redis decided in another.
struct LedgerFixture {
    let directory: TemporaryDirectory
    let options: LedgerOptions
    /// The holder's name with its random part.
    let holder: String

    init(slotCount: Int = 1024) throws {
        directory = try TemporaryDirectory()
        options = LedgerOptions(
            path: directory.file("ledger-0.tgl"), holderID: "web-1", layout: LedgerLayout(slotCount: slotCount))
        let ledger = try Self.open(options)
        let lease = ledger.lease(try Self.slot(ledger, .lease(periodStart: 29_717_280), "acme", "messages"))
        lease.raiseGranted(to: 20)
        lease.addSpent(5)
        let hour: UInt32 = 495_300
        let usage = ledger.usage(
            try Self.slot(ledger, .usage(periodStart: 29_717_280, hour: hour), "acme", "messages"))
        usage.addConsumed(5)
        usage.settle(consumed: 3, refunded: 0)
        let decided = ledger.decided(
            try Self.slot(ledger, .decided(periodStart: 29_717_280, hour: hour - 1), "globex", "tokens"))
        decided.raise(to: 7)
        decided.settle(to: 7)
        holder = ledger.holder
    }

    var path: String { options.path }

    /// Opens the ledger as its owner.
    func open() throws(LedgerError) -> LedgerFile { try Self.open(options) }

    private static func open(_ options: LedgerOptions, boot: Int = 1) throws(LedgerError) -> LedgerFile {
        let host = HostIdentity(
            machineID: "0123456789abcdef0123456789abcdef",
            bootID: "00000000-0000-0000-0000-" + String(repeating: "0", count: 11) + String(boot))
        return try openLedger(options, on: host)
    }

    /// Goes on after a power loss: the three slots are a former holder's.
    func losePower() throws {
        _ = try Self.open(options, boot: 2)
    }

    /// Damages the second slot.
    func damage() throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(damagedOffset))
        try file.write(contentsOf: Data([1, 2, 3]))
        try file.close()
    }

    /// Where the second slot begins.
    var damagedOffset: Int { options.layout.fileBytes - (options.layout.slotCount - 1) * 64 }

    private static func slot(
        _ ledger: LedgerFile, _ place: SlotPlace, _ tenant: String, _ meter: String
    ) throws -> SlotIndex {
        switch ledger.create(place, tenant: tenant.utf8Span.span, meter: meter.utf8Span.span) {
        case .created(let slot), .found(let slot): return slot
        case .full(let shortage): throw TestFailure("the ledger is out of \(shortage)")
        }
    }
}
