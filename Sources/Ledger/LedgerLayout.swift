/// How large the parts of a ledger file are, and so where each begins.
///
/// The order is header, names, slots: the kernel writes dirty pages back by their place in the file, so after a power
/// loss the name of a slot that got to the disk is more likely there than with the slots in front.
public struct LedgerLayout: Sendable, Equatable {
    /// The page that says what the file is.
    static let headerBytes = 4096
    /// What a slot takes: one line of the processor's cache, and never more than one sector of a disk.
    static let slotBytes = 64
    /// The room for meter names: 65 KB hold 900 of the longest, and their ids must fit in 16 bits.
    static let meterNameBytes = 1 << 16
    /// How many slots a file may have.
    public static let slotCounts = 1...(1 << 26)
    /// How much room for tenant names a file may have; it is a whole number of pages.
    public static let tenantNameSizes = 4096...(1 << 30)

    /// Rows for a lease, or for a usage hour.
    public let slotCount: Int
    /// The room for tenant ids: each id in use takes its bytes and eight more, rounded up to a multiple of eight.
    public let tenantNameBytes: Int

    /// A layout.
    ///
    /// - Parameters:
    ///   - slotCount: within ``slotCounts``.
    ///   - tenantNameBytes: within ``tenantNameSizes``, rounded up to pages; nil is 16 bytes a slot, which is enough
    ///     for a lease and one hour of every tenant with an id of up to 24 bytes.
    public init(slotCount: Int, tenantNameBytes: Int? = nil) {
        precondition(Self.slotCounts.contains(slotCount), "a ledger has 1 to \(Self.slotCounts.upperBound) slots")
        let wanted = tenantNameBytes ?? max(65536, slotCount * 16)
        precondition(Self.tenantNameSizes.contains(wanted), "room for tenant names is 4 KiB to 1 GiB")
        self.slotCount = slotCount
        self.tenantNameBytes = (wanted + 4095) & ~4095
    }

    /// A layout as a file states it; nil for one that no tollgate writes.
    init?(slotCount: UInt64, tenantNameBytes: UInt64) {
        guard let slots = Int(exactly: slotCount), Self.slotCounts.contains(slots),
            let names = Int(exactly: tenantNameBytes), Self.tenantNameSizes.contains(names), names % 4096 == 0
        else { return nil }
        self.slotCount = slots
        self.tenantNameBytes = names
    }

    /// The file's size.
    public var fileBytes: Int { slotsOffset + slotCount * Self.slotBytes }

    var meterNamesOffset: Int { Self.headerBytes }
    var tenantNamesOffset: Int { meterNamesOffset + Self.meterNameBytes }
    var slotsOffset: Int { tenantNamesOffset + tenantNameBytes }

    /// Where in the file a slot begins.
    func offset(ofSlot number: Int) -> Int { slotsOffset + number * Self.slotBytes }
}
