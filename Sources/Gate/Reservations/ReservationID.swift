internal import Ledger
internal import RESP

/// The ids that clients have of a holder's reservations: the holder's name, a colon and fifteen hexadecimal digits. The
/// name says where a reservation lives, since no other holder can settle it.
struct ReservationID {
    private static let digitCount = 15

    private let holder: [UInt8]
    private var text: [UInt8]

    init(holder: String) {
        self.holder = Array(holder.utf8)
        text = self.holder + [UInt8(ascii: ":")] + Array(repeating: 0, count: Self.digitCount)
    }

    /// The id of a reservation, in memory that is used again once nobody has it any more.
    mutating func write(_ number: UInt64) -> [UInt8] {
        var rest = number
        for place in 1...Self.digitCount {
            let digit = UInt8(rest & 15)
            text[text.count - place] = digit < 10 ? digit + 48 : digit + 87
            rest >>= 4
        }
        return text
    }

    enum Reading {
        case number(UInt64)
        /// It is another holder's, or no id at all: why.
        case foreign(String)
    }

    /// Reads an id as a client gives it.
    func read(_ bytes: Span<UInt8>) -> Reading {
        let end = bytes.count - Self.digitCount - 1
        guard end >= 1, bytes.count <= 128, bytes[end] == UInt8(ascii: ":") else { return .foreign(Self.malformed) }
        var number: UInt64 = 0
        for index in (end + 1)..<bytes.count {
            switch bytes[index] {
            case 48...57: number = number << 4 | UInt64(bytes[index] - 48)
            case 97...102: number = number << 4 | UInt64(bytes[index] - 87)
            default: return .foreign(Self.malformed)
            }
        }
        let name = bytes.extracting(0..<end)
        guard isOwn(name) else {
            let other = String(decoding: Array(copying: name), as: UTF8.self)
            guard other.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return .foreign(Self.malformed) }
            let own = String(decoding: holder, as: UTF8.self)
            return .foreign("NORESERVATION it lives at \(other), and this is \(own): settle it where it was made")
        }
        return .number(number)
    }

    /// By index, since iterators and closures are allocated where nothing is optimised.
    private func isOwn(_ name: Span<UInt8>) -> Bool {
        guard name.count == holder.count else { return false }
        for index in holder.indices where name[index] != holder[index] { return false }
        return true
    }

    private static let malformed = "BADARG reservation: is an id as RESERVE answers it"
}
