import Glibc
import Ledger
import TestSupport

/// A directory with a ledger that a test opens, leaves and damages.
final class LedgerRig {
    static let home = HostIdentity(
        machineID: "0123456789abcdef0123456789abcdef\n", bootID: "11111111-2222-3333-4444-555555555555\n")
    static let rebooted = HostIdentity(
        machineID: "0123456789abcdef0123456789abcdef\n", bootID: "99999999-2222-3333-4444-555555555555\n")

    let directory: TemporaryDirectory
    var options: LedgerOptions

    init(slotCount: Int = 256, tenantNameBytes: Int? = nil, reservedSlotCount: Int = 4) throws {
        directory = try TemporaryDirectory()
        options = LedgerOptions(
            path: directory.file("ledger-0.tgl"), holderID: "web-1",
            layout: LedgerLayout(slotCount: slotCount, tenantNameBytes: tenantNameBytes),
            reservedSlotCount: reservedSlotCount)
    }

    var path: String { options.path }

    /// Options for a process that is to die: the directory is its parent's, who removes it.
    static func options(_ path: String, slotCount: Int = 256) -> LedgerOptions {
        LedgerOptions(path: path, holderID: "web-1", layout: LedgerLayout(slotCount: slotCount))
    }

    /// Opens a ledger that this test holds nowhere else.
    static func open(_ options: LedgerOptions, on host: HostIdentity = home) throws(LedgerError) -> LedgerFile {
        try openLedger(options, on: host)
    }

    func open(on host: HostIdentity = home) throws(LedgerError) -> LedgerFile {
        try Self.open(options, on: host)
    }

    /// Opens a ledger, lets `body` use it, and leaves it as a kill would, or closed.
    func use<Result>(
        on host: HostIdentity = home, closes: Bool = false, _ body: (LedgerFile) throws -> Result
    ) throws -> Result {
        let ledger = try open(on: host)
        let result = try body(ledger)
        if closes { try ledger.close() }
        return result
    }

    /// What the owner is told, which must name the file.
    func refusal(on host: HostIdentity = home) throws -> LedgerError {
        do throws(LedgerError) {
            _ = try open(on: host)
        } catch {
            return error
        }
        throw TestFailure("the ledger was opened")
    }

    /// Writes bytes over those of the file, whose inode stays.
    func overwrite(at offset: Int, _ bytes: [UInt8]) throws {
        let number = Glibc.open(path, O_RDWR)
        defer { Glibc.close(number) }
        guard pwrite(number, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw TestFailure("could not write to \(path)")
        }
    }

    func bytes(at offset: Int, _ count: Int) throws -> [UInt8] {
        let number = Glibc.open(path, O_RDONLY)
        defer { Glibc.close(number) }
        var bytes = [UInt8](repeating: 0, count: count)
        guard pread(number, &bytes, count, off_t(offset)) == count else {
            throw TestFailure("could not read \(path)")
        }
        return bytes
    }
}

extension LedgerFile {
    func create(_ place: SlotPlace, _ tenant: String, _ meter: String, mayUseReserve: Bool = false) -> SlotCreation {
        create(
            place, tenant: tenant.utf8Span.span, meter: meter.utf8Span.span, mayUseReserve: mayUseReserve)
    }

    func find(_ place: SlotPlace, _ tenant: String, _ meter: String) -> SlotIndex? {
        find(tenantHash(tenant.utf8Span.span).pair(meterHash(meter.utf8Span.span)).key(place))
    }

    /// The slot, made if need be.
    func slot(_ place: SlotPlace, _ tenant: String, _ meter: String) throws -> SlotIndex {
        switch create(place, tenant, meter) {
        case .created(let slot), .found(let slot): return slot
        case .full(let shortage): throw TestFailure("the ledger is out of \(shortage)")
        }
    }

    func lease(_ tenant: String, _ meter: String = "messages", period: UInt32 = 100) throws -> LeaseSlot {
        lease(try slot(.lease(periodStart: period), tenant, meter))
    }

    func usage(_ tenant: String, _ meter: String = "messages", period: UInt32 = 100, hour: UInt32) throws -> UsageSlot {
        usage(try slot(.usage(periodStart: period, hour: hour), tenant, meter))
    }

    func decided(
        _ tenant: String, _ meter: String = "messages", period: UInt32 = 100, hour: UInt32
    ) throws -> DecidedSlot {
        decided(try slot(.decided(periodStart: period, hour: hour), tenant, meter))
    }

    /// A usage hour that Redis has.
    func settledUsage(_ tenant: String, hour: UInt32) throws {
        let slot = try usage(tenant, hour: hour)
        slot.addConsumed(1)
        slot.settle(consumed: 1, refunded: 0)
    }

    func has(_ tenant: String, hour: UInt32) -> Bool {
        find(.usage(periodStart: 100, hour: hour), tenant, "messages") != nil
    }

    /// Everything in it.
    var entries: [LedgerEntry] {
        var entries: [LedgerEntry] = []
        var last: SlotIndex?
        while let next = slot(after: last) {
            if let entry = entry(at: next) { entries.append(entry) }
            last = next
        }
        return entries
    }
}
