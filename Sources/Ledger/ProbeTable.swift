/// Numbers found by a 128-bit hash: open addressing with linear probing, a power of two in size, never fuller than
/// three quarters.
///
/// An entry is four bytes: a number, and in the bits that no number needs a tag from the hash, so that an entry of
/// another hash is passed over without a look at what its number stands for. A table for a million numbers has eleven
/// bits of tag: one look in two thousand goes astray.
struct ProbeTable: ~Copyable {
    private let entries: UnsafeMutablePointer<UInt32>
    private let mask: Int
    private let numberMask: UInt32
    private let maxCount: Int
    private(set) var count = 0

    /// A table for at most `maxCount` numbers, each within 1 … `maxNumber`.
    init(maxCount: Int, maxNumber: UInt32) {
        var capacity = 16
        while capacity * 3 < maxCount * 4 { capacity *= 2 }
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: 0, count: capacity)
        mask = capacity - 1
        numberMask = UInt32.max >> UInt32(maxNumber.leadingZeroBitCount)
        self.maxCount = maxCount
    }

    deinit { entries.deallocate() }

    var byteCount: Int { (mask + 1) * MemoryLayout<UInt32>.stride }
    var load: Double { Double(count) / Double(mask + 1) }

    /// The number with this hash for which `matches` holds. It is asked for hardly any other.
    func find(low: UInt64, high: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
        let tag = UInt32(truncatingIfNeeded: high) & ~numberMask
        var position = Int(truncatingIfNeeded: low) & mask
        // It ends: a quarter of the entries is empty. Positions wrap by the mask.
        while entries[position] != 0 {
            let entry = entries[position]
            if entry & ~numberMask == tag, matches(entry & numberMask) { return entry & numberMask }
            position = (position &+ 1) & mask
        }
        return nil
    }

    /// Adds a number that is not there.
    mutating func insert(_ number: UInt32, low: UInt64, high: UInt64) {
        precondition(count < maxCount && number > 0 && number <= numberMask)
        var position = Int(truncatingIfNeeded: low) & mask
        while entries[position] != 0 { position = (position &+ 1) & mask }
        entries[position] = number | UInt32(truncatingIfNeeded: high) & ~numberMask
        count += 1
    }

    /// Takes a number out, if it is there, and moves what stands behind it forward, so that no search ever meets the
    /// grave of an old entry.
    ///
    /// - Parameter lowOf: the lower half of the hash of another number in the table.
    mutating func remove(_ number: UInt32, low: UInt64, lowOf: (UInt32) -> UInt64) {
        var hole = Int(truncatingIfNeeded: low) & mask
        while entries[hole] & numberMask != number {
            if entries[hole] == 0 { return }
            hole = (hole &+ 1) & mask
        }
        var position = (hole &+ 1) & mask
        while entries[position] != 0 {
            let home = Int(truncatingIfNeeded: lowOf(entries[position] & numberMask)) & mask
            // It may move to the hole only if that is not before its home, counted round the end of the table.
            if (position &- home) & mask >= (position &- hole) & mask {
                entries[hole] = entries[position]
                hole = position
            }
            position = (position &+ 1) & mask
        }
        entries[hole] = 0
        count -= 1
    }
}
