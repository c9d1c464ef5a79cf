/// The number of a slot in its file. It means the same slot until that slot is let go by a sweep.
public struct SlotIndex: Sendable, Equatable, Hashable {
    /// Counted from 0.
    public let number: UInt32

    init(_ number: Int) { self.number = UInt32(number) }
}
