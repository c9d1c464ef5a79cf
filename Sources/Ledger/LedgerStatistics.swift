/// How full a ledger is.
public struct LedgerStatistics: Sendable, Equatable {
    /// All slots.
    public let slotCount: Int
    /// Slots that hold a lease.
    public let leaseCount: Int
    /// Slots that hold a usage hour.
    public let usageCount: Int
    /// Slots that hold what Redis decided in an hour.
    public let decidedCount: Int
    /// Slots that hold a reservation, open or ended.
    public let reservationCount: Int
    /// Slots of all kinds that belong to a former incarnation.
    public let formerCount: Int
    /// Tenants and meters whose names are in the file, used or not.
    public let tenantCount: Int
    /// See ``tenantCount``.
    public let meterCount: Int
    /// What the ids of tenants in use take of the room for them.
    public let tenantNameBytes: Int
    /// All the room for tenant ids.
    public let tenantNameCapacityBytes: Int
    /// How full the index is, 0 to 0.75.
    public let indexLoad: Double
    /// What the ledger has in memory beside the file.
    public let memoryBytes: Int
    /// The file's size.
    public let fileBytes: Int
    /// The oldest closed hour that Redis has and that is still kept, as of the last whole sweep.
    public let oldestSettledHour: UInt32?
    /// The retention wished for.
    public let retentionHours: Int
    /// The shortest time that an hour was kept for since the sweep before last, where slots were short.
    public let retentionShrunkTo: Int?

    /// Slots that hold nothing, the reserve among them.
    public var freeCount: Int { slotCount - leaseCount - usageCount - decidedCount - reservationCount }
}

extension LedgerFile {
    /// How full the ledger is. Costs nothing worth counting.
    public var statistics: LedgerStatistics {
        LedgerStatistics(
            slotCount: map.layout.slotCount, leaseCount: leaseCount, usageCount: usageCount,
            decidedCount: decidedCount, reservationCount: reservationCount,
            formerCount: incarnationSlots.indices.reduce(0) {
                $0 + ($1 == state.current ? 0 : incarnationSlots[$1])
            },
            tenantCount: tenants.count, meterCount: meters.count, tenantNameBytes: tenants.usedBytes,
            tenantNameCapacityBytes: map.layout.tenantNameBytes, indexLoad: index.load,
            memoryBytes: index.byteCount + freeSlots.byteCount + tenants.indexBytes + meters.indexBytes,
            fileBytes: map.layout.fileBytes, oldestSettledHour: sweepState.oldestSettledHour,
            retentionHours: options.retentionHours, retentionShrunkTo: sweepState.retentionShrunkTo)
    }
}
