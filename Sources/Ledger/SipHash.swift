/// SipHash-1-3 with 128 bits of output, in the middle of a message: one copy can be carried on in several ways.
struct SipHash: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ seed: HashSeed) {
        v0 = seed.low ^ 0x736f_6d65_7073_6575
        v1 = seed.high ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = seed.low ^ 0x6c79_6765_6e65_7261
        v3 = seed.high ^ 0x7465_6462_7974_6573
    }

    /// The state after a whole text: its length is part of the last word, so what follows cannot be taken for more
    /// text.
    init(_ seed: HashSeed, text: Span<UInt8>) {
        self.init(seed)
        let bytes = text.bytes
        var offset = 0
        while offset &+ 8 <= bytes.byteCount {
            absorb(UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset &+= 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.byteCount) << 56
        var shift: UInt64 = 0
        while offset < bytes.byteCount {
            last |= UInt64(text[offset]) << shift
            shift &+= 8
            offset &+= 1
        }
        absorb(last)
    }

    /// Takes the message's next 64 bits.
    mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    /// The hash of what was taken.
    consuming func finish() -> (low: UInt64, high: UInt64) {
        v2 ^= 0xee
        round()
        round()
        round()
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        round()
        round()
        round()
        return (low, v0 ^ v1 ^ v2 ^ v3)
    }

    // Additions wrap by the algorithm's definition.
    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotate(v1, 13) ^ v0
        v0 = Self.rotate(v0, 32)
        v2 &+= v3
        v3 = Self.rotate(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, 17) ^ v2
        v2 = Self.rotate(v2, 32)
    }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        (word &<< count) | (word &>> (64 &- count))
    }
}
