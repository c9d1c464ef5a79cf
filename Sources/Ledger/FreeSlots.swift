/// Which slots are free: one bit a slot, and above it one bit a word of those. The lowest is taken first, so a ledger
/// that is not full stays dense at the front, which is what the kernel has to write back.
struct FreeSlots: ~Copyable {
    private let words: UnsafeMutablePointer<UInt64>
    private let summary: UnsafeMutablePointer<UInt64>
    private let wordCount: Int
    private let summaryCount: Int
    /// No word of the summary before this one has a bit.
    private var lowest = 0
    private(set) var count = 0

    /// Room for so many slots, none of them free.
    init(slotCount: Int) {
        wordCount = (slotCount + 63) / 64
        summaryCount = (wordCount + 63) / 64
        words = .allocate(capacity: wordCount)
        words.initialize(repeating: 0, count: wordCount)
        summary = .allocate(capacity: summaryCount)
        summary.initialize(repeating: 0, count: summaryCount)
    }

    deinit {
        words.deallocate()
        summary.deallocate()
    }

    var byteCount: Int { (wordCount + summaryCount) * MemoryLayout<UInt64>.stride }

    /// Notes that a slot has become free.
    mutating func give(_ slot: Int) {
        let word = slot / 64
        precondition(words[word] & (1 << (slot % 64)) == 0, "a slot is let go once")
        words[word] |= 1 << (slot % 64)
        summary[word / 64] |= 1 << (word % 64)
        lowest = min(lowest, word / 64)
        count += 1
    }

    /// Takes the free slot with the lowest number.
    mutating func take() -> Int? {
        guard count > 0 else { return nil }
        while summary[lowest] == 0 { lowest += 1 }
        let word = lowest * 64 + summary[lowest].trailingZeroBitCount
        let slot = word * 64 + words[word].trailingZeroBitCount
        words[word] &= words[word] - 1
        if words[word] == 0 { summary[lowest] &= ~(1 << (word % 64)) }
        count -= 1
        return slot
    }
}
