/// How a ledger is opened.
public struct LedgerOptions: Sendable, Equatable {
    /// The file, in the state directory: `ledger-0.tgl` for loop 0.
    public var path: String
    /// The sidecar's name, 1 to 32 bytes.
    public var holderID: String
    /// Which loop of the sidecar owns the ledger, from 0.
    public var loop: Int
    /// How large it is. A file of another size is made anew, with all that is in it.
    public var layout: LedgerLayout
    /// What its totals survive.
    public var durability: LedgerDurability
    /// How many hours an hour's row is kept after its end and after Redis has it, so that a Redis restored from a
    /// backup learns it again. A wish: when slots run short the oldest go first.
    public var retentionHours: Int
    /// Slots that only who asks for the reserve may take: for calls that Redis decides and that must be kept.
    public var reservedSlotCount: Int
    /// Keeps whatever is stored in memory of the process's own, and from the file: a switch for measurements, which
    /// tells what the disk costs from what the rest does. Everything is lost at the end, and the file keeps its size.
    public var isPrivate: Bool

    /// Options with the usual retention of two days and a reserve of 64 slots.
    public init(
        path: String, holderID: String, loop: Int = 0, layout: LedgerLayout,
        durability: LedgerDurability = .process, retentionHours: Int = 48, reservedSlotCount: Int = 64,
        isPrivate: Bool = false
    ) {
        self.path = path
        self.holderID = holderID
        self.loop = loop
        self.layout = layout
        self.durability = durability
        self.retentionHours = retentionHours
        self.reservedSlotCount = reservedSlotCount
        self.isPrivate = isPrivate
    }
}
