/// The stored form of a grant: its numbers and names in fixed order, one space apart, and the reason last.
extension Grant {
    /// The form this release writes. Another one is left alone.
    private static let form = "1"

    /// What is not there.
    private static let none = "-"

    /// The text to store.
    public var text: String {
        let numbers = [units, remaining, givenAt, expires, periodStart, periodEnd, base].map { String($0) }
        let optional = [drawn, revokedAt].map { $0.map { String($0) } ?? Grant.none }
        return ([Grant.form, meter] + numbers + optional + [by, reason]).joined(separator: " ")
    }

    /// Whether a stored text is of the form that this release reads.
    static func isKnown(_ text: String) -> Bool { text.hasPrefix(form + " ") }

    /// Reads a stored text back; nil if it cannot be one.
    init?(id: String, text: String) {
        let words = text.split(separator: " ", maxSplits: 12, omittingEmptySubsequences: false).map { String($0) }
        guard words.count == 13, words[0] == Grant.form, Grant.isID(id), Identifier.isName(words[1]),
            !words[11].isEmpty
        else { return nil }
        let numbers = words[2...8].compactMap { Int64($0) }
        let optional = words[9...10].map { $0 == Grant.none ? nil : Int64($0) }
        guard numbers.count == 7, numbers.allSatisfy({ (0...Amount.largest).contains($0) }),
            zip(words[9...10], optional).allSatisfy({ $0 == Grant.none || $1.map { $0 >= 0 } ?? false })
        else { return nil }
        self.init(
            id: id, meter: words[1], units: numbers[0], givenAt: numbers[2], expires: numbers[3], by: words[11],
            reason: words[12], period: Period(start: numbers[4], end: numbers[5], exactStart: numbers[4]),
            base: numbers[6])
        remaining = numbers[1]
        drawn = optional[0]
        revokedAt = optional[1]
    }

    /// A name that nobody makes twice: a `g` and twelve characters.
    public static func makeID() -> String {
        let digits = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return "g" + String((0..<12).map { _ in digits[Int.random(in: digits.indices)] })
    }

    /// How a grant is named: 1 to 32 bytes of `a-z 0-9`.
    public static func isID(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z"))
                    || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
            }
    }
}
