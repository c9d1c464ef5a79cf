internal import Reactor

/// A holder's ledger: what it may spend and what was used, kept in a mapped file that outlives the process.
///
/// One loop's thread owns it, and the file's lock keeps every other process away. To find a slot and to add to its
/// totals costs no call into the kernel, no allocation and no lock. It never decides anything: limits, times and Redis
/// are its owner's. An owner that goes away without ``close()`` leaves the file as a kill would, which is safe.
public final class LedgerFile {
    let map: LedgerMap
    let options: LedgerOptions
    var state: LedgerState
    var index: ProbeTable
    var tenants: NameTable
    var meters: NameTable
    var freeSlots: FreeSlots
    var sweepState = SlotSweep()
    /// The hour in which making room at once has found nothing.
    var futileHour: UInt32?
    var leaseCount = 0
    var usageCount = 0
    var decidedCount = 0
    /// Slots that hold a reservation, open or ended.
    public internal(set) var reservationCount = 0
    /// No row of usage, or of what Redis decided, is of an hour before this one; nil if there is none.
    public internal(set) var oldestHour: UInt32?
    /// The smallest hour that the sweep's pass has kept, and that was made since it began.
    var oldestKeptHour: UInt32?
    var oldestCreatedHour: UInt32?
    /// How many slots belong to each incarnation.
    var incarnationSlots = [Int](repeating: 0, count: LedgerState.incarnationCount)
    private var syncFailure: LedgerError?
    private var isClosed = false

    /// A ledger whose file is mapped and not read yet.
    init(_ map: LedgerMap, _ state: LedgerState, _ options: LedgerOptions) {
        self.map = map
        self.state = state
        self.options = options
        index = ProbeTable(maxCount: map.layout.slotCount, maxNumber: UInt32(map.layout.slotCount))
        tenants = NameTable(map.tenantNames, seed: map.birth.seed)
        meters = NameTable(map.meterNames, seed: map.birth.seed)
        freeSlots = FreeSlots(slotCount: map.layout.slotCount)
    }

    /// The name that this ledger's totals go by on the wire: holder id, loop and incarnation.
    public var holder: String { holder(at: state.current) }

    /// Hashes a tenant's id: once a request.
    public func tenantHash(_ id: Span<UInt8>) -> TenantHash { map.birth.seed.tenant(id) }

    /// Hashes a meter's name: once for a plan's meter.
    public func meterHash(_ name: Span<UInt8>) -> MeterHash { map.birth.seed.meter(name) }

    /// The slot with this identity that belongs to the current incarnation. It looks at one line of the index and at
    /// the slot itself.
    public func find(_ key: SlotKey) -> SlotIndex? {
        let slots = map.slots
        let number = index.find(low: key.low, high: key.high) {
            SlotPointer(slots + (Int($0) &- 1) &* LedgerLayout.slotBytes).matches(key)
        }
        return number.map { SlotIndex(Int($0) &- 1) }
    }

    /// A lease's totals. The slot must hold a lease.
    public func lease(_ slot: SlotIndex) -> LeaseSlot { LeaseSlot(pointer(slot, .lease)) }

    /// A usage hour's totals. The slot must hold usage.
    public func usage(_ slot: SlotIndex) -> UsageSlot { UsageSlot(pointer(slot, .usage)) }

    /// What Redis decided in an hour. The slot must hold that.
    public func decided(_ slot: SlotIndex) -> DecidedSlot { DecidedSlot(pointer(slot, .decided)) }

    /// What a reservation has of one meter. The slot must hold that.
    public func reservation(_ slot: SlotIndex) -> ReservationSlot { ReservationSlot(pointer(slot, .reservation)) }

    /// Waits until everything is on the disk, for `durability: power`: in each turn of the loop, after its last add and
    /// before anything of that turn goes out.
    ///
    /// After a failure nothing is known of what the disk has (the kernel gives up on pages that it could not write), so
    /// every later call fails too. The owner must stop.
    public func sync() throws(LedgerError) {
        if let syncFailure { throw syncFailure }
        do throws(SystemError) {
            try map.file.syncData()
        } catch {
            syncFailure = .system(error)
            state.mark = .open
            state.generation += 1
            map.page.write(state) {}
            throw .system(error)
        }
    }

    /// Puts everything on the disk and notes there that it is whole. The ledger must not be used any more, nor a slot
    /// of it; the lock goes with the object.
    public func close() throws(LedgerError) {
        checkOpen()
        try write { $0.mark = .closed }
        isClosed = true
    }

    /// Changes the header's state, on the disk too. Everything else in the file gets there before the new state counts,
    /// so it may say that the file is whole.
    func write(_ change: (inout LedgerState) -> Void) throws(LedgerError) {
        change(&state)
        state.generation += 1
        try map.page.write(state) { () throws(LedgerError) in try sync() }
    }

    func checkOpen() { precondition(!isClosed, "the ledger was closed") }

    func holder(at place: Int) -> String {
        "\(map.birth.holderID).\(map.birth.loop).\(state.incarnations[place])"
    }

    private func pointer(_ slot: SlotIndex, _ kind: SlotKind) -> SlotPointer {
        precondition(slot.number < map.layout.slotCount)
        let pointer = map.slot(Int(slot.number))
        assert(pointer.descriptor.kind == kind, "slot \(slot.number) holds no \(kind)")
        return pointer
    }
}
