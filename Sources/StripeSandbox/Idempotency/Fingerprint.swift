/// What two requests have in common if they are the same: 128 bits made of their bytes. Not a cryptographic digest:
/// it tells apart what clients send by mistake, and a hundred thousand of them fit into memory.
struct Fingerprint: Equatable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(_ bytes: [UInt8]) {
        var lanes: (UInt64, UInt64) = (0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F &+ UInt64(bytes.count))
        bytes.withUnsafeBytes { buffer in
            let whole = buffer.count / 8 * 8
            for offset in stride(from: 0, to: whole, by: 8) {
                Self.mix(&lanes, buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            var rest: UInt64 = 0
            for offset in whole..<buffer.count { rest = rest << 8 | UInt64(buffer[offset]) }
            Self.mix(&lanes, rest)
        }
        for _ in 0..<4 { Self.mix(&lanes, 0) }
        (high, low) = lanes
    }

    /// One round: both lanes take the word in and pass something of themselves to the other.
    private static func mix(_ lanes: inout (UInt64, UInt64), _ word: UInt64) {
        let (high, low) = (lanes.0 ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        lanes.0 = (lanes.1 &+ high) ^ (low << 29 | low >> 35)
        lanes.1 = (lanes.1 ^ word) &* 0xE703_7ED1_A0B4_28DB &+ low
    }
}

extension Fingerprint: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let parts = try container.decode(String.self).split(separator: "-").map { UInt64($0, radix: 16) }
        guard parts.count == 2, let high = parts[0], let low = parts[1] else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a fingerprint")
        }
        self.high = high
        self.low = low
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(String(high, radix: 16))-\(String(low, radix: 16))")
    }
}
