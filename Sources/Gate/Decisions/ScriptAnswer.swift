/// The packed answer of a script, read from its front. Every read is nil once the bytes run out. Valid as long as
/// the bytes are: during the call that handed them out.
struct ScriptAnswer {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// A number of 16 bits.
    mutating func short() -> Int? {
        guard let low = byte(), let high = byte() else { return nil }
        return Int(high) << 8 | Int(low)
    }

    /// A double that holds a whole number; what is none, because somebody wrote to Redis by hand, is cut to one.
    mutating func number() -> Int64? {
        guard bytes.count - position >= 8 else { return nil }
        defer { position += 8 }
        let bits = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        return Int64(exactly: Double(bitPattern: UInt64(littleEndian: bits)).rounded(.towardZero)) ?? 0
    }

    /// A length byte and so many bytes.
    mutating func shortText() -> UnsafeRawBufferPointer? {
        guard let count = byte().map({ Int($0) }), bytes.count - position >= count else { return nil }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
    }

    /// A length of 16 bits and so many bytes of text.
    mutating func text() -> String? {
        guard let count = short(), bytes.count - position >= count else { return nil }
        defer { position += count }
        return String(decoding: bytes[position..<(position + count)], as: UTF8.self)
    }
}
