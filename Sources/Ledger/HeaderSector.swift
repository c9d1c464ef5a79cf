internal import CLinux

/// 512 bytes of the header page, which disks write whole or not at all: 63 words and a checksum of them.
struct HeaderSector: Equatable {
    static let wordCount = 64

    /// Which of the page's sectors it is. It goes into the checksum, so that none can stand in for another.
    let number: Int
    private(set) var words: [UInt64]

    init(number: Int) {
        self.number = number
        words = Array(repeating: 0, count: Self.wordCount)
    }

    /// Copies a sector out of the page at `page`.
    init(number: Int, in page: UnsafeMutableRawPointer) {
        self.init(number: number)
        let start = Self.pointer(number, page)
        for index in 0..<Self.wordCount { words[index] = tollgate_load_word(start + index) }
    }

    subscript(index: Int) -> UInt64 {
        get { words[index] }
        set { words[index] = newValue }
    }

    subscript(wide index: Int) -> UInt128 {
        get { UInt128(words[index]) | UInt128(words[index + 1]) << 64 }
        set {
            words[index] = UInt64(truncatingIfNeeded: newValue)
            words[index + 1] = UInt64(truncatingIfNeeded: newValue >> 64)
        }
    }

    var isSealed: Bool { words[Self.wordCount - 1] == checksum }

    private var checksum: UInt64 {
        var hash = SipHash(HashSeed.fixed)
        hash.absorb(UInt64(number))
        for word in words.dropLast() { hash.absorb(word) }
        return hash.finish().low
    }

    /// Computes the checksum and writes the sector into the page at `page`.
    mutating func seal(into page: UnsafeMutableRawPointer) {
        words[Self.wordCount - 1] = checksum
        let start = Self.pointer(number, page)
        for index in 0..<Self.wordCount { tollgate_store_word(start + index, words[index]) }
    }

    static func pointer(_ number: Int, _ page: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt64> {
        (page + number * wordCount * MemoryLayout<UInt64>.stride).assumingMemoryBound(to: UInt64.self)
    }
}
