/// A meter event's identifier. The usual forms, 32 hexadecimal digits and a UUID, are kept as numbers: the sandbox
/// remembers a million of them.
enum EventIdentifier: Hashable, Sendable {
    case digits(high: UInt64, low: UInt64)
    case uuid(high: UInt64, low: UInt64)
    case text(String)

    init(_ text: String) {
        let bytes = Array(text.utf8)
        if bytes.count == 32, let (high, low) = Self.numbers(bytes) {
            self = .digits(high: high, low: low)
        } else if bytes.count == 36, Self.dashes.allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            let (high, low) = Self.numbers(bytes.filter { $0 != UInt8(ascii: "-") })
        {
            self = .uuid(high: high, low: low)
        } else {
            self = .text(text)
        }
    }

    var text: String {
        switch self {
        case .text(let text):
            return text
        case .digits(let high, let low):
            return Self.hexadecimal(high) + Self.hexadecimal(low)
        case .uuid(let high, let low):
            var digits = Array(Self.hexadecimal(high) + Self.hexadecimal(low))
            for index in Self.dashes { digits.insert("-", at: index) }
            return String(digits)
        }
    }

    /// Where a UUID has its dashes.
    private static let dashes = [8, 13, 18, 23]

    /// Two numbers of 32 lower-case digits; nil for anything else.
    private static func numbers(_ digits: [UInt8]) -> (high: UInt64, low: UInt64)? {
        guard digits.count == 32 else { return nil }
        var numbers: [UInt64] = [0, 0]
        for (index, byte) in digits.enumerated() {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            numbers[index / 16] = numbers[index / 16] << 4 | UInt64(digit)
        }
        return (numbers[0], numbers[1])
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension EventIdentifier: Codable {
    init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
