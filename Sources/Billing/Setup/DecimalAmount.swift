/// The price of one unit as Stripe writes it in `unit_amount_decimal`: a decimal number of the currency's minor unit,
/// with at most 12 places (docs.stripe.com/api/prices/create). The text has no needless zeros, so equal amounts are
/// equal.
public struct DecimalAmount: Sendable, Equatable, CustomStringConvertible {
    /// What Stripe takes behind the point.
    public static let mostPlaces = 12

    /// The number, such as `0.0002` or `15`.
    public let text: String

    /// `amount` of the minor unit for each `per` units; nil if that has no exact form.
    public init?(_ amount: Int64, per: Int64) {
        guard amount >= 0, per > 0, per <= Int64.max / 10 else { return nil }
        var (whole, rest) = amount.quotientAndRemainder(dividingBy: per)
        var text = String(whole)
        var places = 0
        while rest != 0 {
            guard places < Self.mostPlaces else { return nil }
            (whole, rest) = (rest * 10).quotientAndRemainder(dividingBy: per)
            text += (places == 0 ? "." : "") + String(whole)
            places += 1
        }
        self.text = text
    }

    /// Reads what Stripe wrote, with or without needless zeros; nil for anything but a number without a sign.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }) else {
            return nil
        }
        let whole = first.drop { $0 == "0" }
        let places = parts.count == 2 ? parts[1].reversed().drop { $0 == "0" }.reversed().map { String($0) } : []
        self.text = (whole.isEmpty ? "0" : String(whole)) + (places.isEmpty ? "" : "." + places.joined())
    }

    /// The number.
    public var description: String { text }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
