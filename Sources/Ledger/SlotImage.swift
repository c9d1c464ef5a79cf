internal import CLinux

/// A slot's words, copied out of the file.
struct SlotImage: Equatable {
    let key: SlotKey
    let descriptor: SlotDescriptor
    let periodStart: UInt32
    let hour: UInt32
    let totals: [4 of Int64]

    /// Copies a slot that no other process writes.
    init(_ slot: SlotPointer) {
        self.init(slot.words)
    }

    /// Copies a slot that another process may write: nil if it was made, let go or made anew meanwhile.
    init?(racing words: UnsafePointer<UInt64>) {
        let before = (tollgate_load_word(words + 2), tollgate_load_word(words), tollgate_load_word(words + 1))
        self.init(words)
        let after = (tollgate_load_word(words + 2), tollgate_load_word(words), tollgate_load_word(words + 1))
        guard before == after, before == (descriptor.word, key.low, key.high) else { return nil }
    }

    private init(_ words: UnsafePointer<UInt64>) {
        descriptor = SlotDescriptor(word: tollgate_load_word(words + 2))
        key = SlotKey(low: tollgate_load_word(words), high: tollgate_load_word(words + 1))
        let times = tollgate_load_word(words + 3)
        periodStart = UInt32(truncatingIfNeeded: times)
        hour = UInt32(truncatingIfNeeded: times >> 32)
        totals = [4 of Int64] { Int64(bitPattern: tollgate_load_word(words + (4 + $0))) }
    }

    /// What the slot is about. Only of a slot that is not free.
    var place: SlotPlace {
        SlotPlace(kind: descriptor.kind ?? .lease, periodStart: periodStart, hour: hour)
    }

    static func == (left: SlotImage, right: SlotImage) -> Bool {
        left.key == right.key && left.descriptor == right.descriptor && left.periodStart == right.periodStart
            && left.hour == right.hour && (0..<4).allSatisfy { left.totals[$0] == right.totals[$0] }
    }
}
