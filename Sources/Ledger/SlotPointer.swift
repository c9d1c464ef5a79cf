internal import CLinux

/// A slot where it lies in the mapped file: eight words.
///
///     0, 1   identity          4   granted    or  consumed                   or  decided               or  amount
///     2      descriptor        5   returned       refunded                       0                         (spent)
///     3      period start,     6   spent          consumed, as Redis has it      decided, as Redis has     state
///            hour              7   reserved       refunded, as Redis has it      0                         (consumed)
///
/// A process that is killed has executed its instructions up to one of them and none after it, so what is in the file
/// is decided by the order of the stores in the program alone. Each word is stored by one instruction, and those whose
/// order matters by `tollgate_store_word`, over which the compiler moves nothing.
struct SlotPointer {
    static let wordCount = 8

    let words: UnsafeMutablePointer<UInt64>

    init(_ address: UnsafeMutableRawPointer) {
        words = address.assumingMemoryBound(to: UInt64.self)
    }

    var descriptor: SlotDescriptor { SlotDescriptor(word: words[2]) }
    var hour: UInt32 { UInt32(truncatingIfNeeded: words[3] >> 32) }

    var key: SlotKey { SlotKey(low: words[0], high: words[1]) }

    func matches(_ key: SlotKey) -> Bool { words[0] == key.low && words[1] == key.high }

    /// Makes a free slot a new one with all its totals at zero.
    func publish(_ key: SlotKey, _ place: SlotPlace, _ descriptor: SlotDescriptor) {
        words[0] = key.low
        words[1] = key.high
        words[3] = UInt64(place.periodStart) | UInt64(place.hour) << 32
        for word in 4..<Self.wordCount { words[word] = 0 }
        // Last: until this one store the slot is free, and from it on it is whole, whenever a kill comes.
        tollgate_store_word(words + 2, descriptor.word)
    }

    /// Writes a slot that was read from another file.
    func publish(_ image: SlotImage, _ descriptor: SlotDescriptor) {
        publish(image.key, image.place, .free)
        for word in 4..<Self.wordCount { words[word] = UInt64(bitPattern: image.totals[word - 4]) }
        tollgate_store_word(words + 2, descriptor.word)
    }

    func setDescriptor(_ descriptor: SlotDescriptor) { tollgate_store_word(words + 2, descriptor.word) }

    func total(_ index: Int) -> Int64 { Int64(bitPattern: words[4 &+ index]) }

    func setTotal(_ index: Int, _ value: Int64) {
        tollgate_store_word(words + (4 &+ index), UInt64(bitPattern: value))
    }

    /// Adds an amount that must not be negative. A sum past 2⁶³ traps rather than wraps.
    func add(_ index: Int, _ amount: Int64) {
        precondition(amount >= 0, "a total only grows")
        setTotal(index, total(index) + amount)
    }

    /// Of an hour's row of either kind: whether Redis has all of it.
    var isSettledHour: Bool { total(2) >= total(0) && total(3) >= total(1) }

    /// Takes the larger of two statements of the same total.
    func raise(_ index: Int, to value: Int64) {
        if value > total(index) { setTotal(index, value) }
    }
}
