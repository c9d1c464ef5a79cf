/// The one word of a slot that says whether it is there and whose it is: tenant id 32 bits, meter id 16, kind 8, flags
/// 8.
///
/// The flags' upper half is the incarnation that the slot belongs to, by its place in the header's table.
struct SlotDescriptor: Equatable {
    static let free = SlotDescriptor(word: 0)
    private static let settledFlag: UInt64 = 1 << 56
    /// Flags that no tollgate sets.
    private static let unknownFlags: UInt64 = 0b1110 << 56

    private(set) var word: UInt64

    init(word: UInt64) { self.word = word }

    init(_ kind: SlotKind, tenantID: UInt32, meterID: UInt32, incarnation: Int) {
        word =
            UInt64(tenantID) | UInt64(meterID) << 32 | UInt64(kind.rawValue) << 48 | UInt64(incarnation) << 60
    }

    var tenantID: UInt32 { UInt32(truncatingIfNeeded: word) }
    var meterID: UInt32 { UInt32(truncatingIfNeeded: word >> 32) & 0xffff }
    var kindByte: UInt8 { UInt8(truncatingIfNeeded: word >> 48) }
    /// Nil for a free slot.
    var kind: SlotKind? { SlotKind(rawValue: kindByte) }
    var incarnation: Int { Int(word >> 60) }
    var hasUnknownFlags: Bool { word & Self.unknownFlags != 0 || (isSettled && kind != .lease) }

    /// Of a lease: its owner has said that it may go.
    var isSettled: Bool {
        get { word & Self.settledFlag != 0 }
        set { word = newValue ? word | Self.settledFlag : word & ~Self.settledFlag }
    }

    /// The same slot with the ids that its names have in another file.
    func naming(tenantID: UInt32, meterID: UInt32) -> SlotDescriptor {
        SlotDescriptor(word: word & ~0xffff_ffff_ffff | UInt64(tenantID) | UInt64(meterID) << 32)
    }
}
