/// Eight random characters of `a` to `z` and `2` to `7`, born with a ledger or after it lost something: the last part
/// of a holder's name, so that the totals of two ledgers are never taken for one's.
public struct Incarnation: Sendable, Equatable, Hashable, CustomStringConvertible {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// The characters, the first one lowest; 0 is a free place in the header's table.
    let word: UInt64

    init(word: UInt64) { self.word = word }

    static func random() -> Incarnation {
        let characters = (0..<8).map { _ in alphabet[Int.random(in: 0..<32)] }
        return Incarnation(word: characters.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Whether these are characters that a tollgate writes.
    var isSound: Bool {
        (0..<8).allSatisfy { Self.alphabet.contains(UInt8(truncatingIfNeeded: word >> (8 * $0))) }
    }

    /// The eight characters.
    public var description: String {
        String(decoding: (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }, as: UTF8.self)
    }
}
