import FoundationEssentials

/// A meter event's value, or a sum of such: a decimal number, exact and of fixed size, so that a million hours of
/// usage fit into memory.
struct EventValue: Sendable, Equatable {
    /// The value in units of 10⁻¹⁵: an event's value has at most 15 digits
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api), wherever its point stands.
    private var units: Int128

    private static let places = 15
    private static let one = Int128(1_000_000_000_000_000)

    static let zero = EventValue(0)

    init(_ whole: Int) { units = Int128(whole) * Self.one }

    /// A plain decimal number: digits, with a minus before and a point between them; nil for anything else, and for
    /// one with more than 15 places or 18 whole digits.
    init?(_ text: some StringProtocol) {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        var value = Int128(0)
        var wholeDigits = 0
        var places: Int?
        for byte in digits {
            if byte == UInt8(ascii: "."), places == nil, wholeDigits > 0 {
                places = 0
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int128(byte - UInt8(ascii: "0"))
            if places == nil { wholeDigits += 1 } else { places = (places ?? 0) + 1 }
            guard wholeDigits <= 18, (places ?? 0) <= Self.places else { return nil }
        }
        guard wholeDigits > 0, places != 0 else { return nil }
        for _ in (places ?? 0)..<Self.places { value *= 10 }
        units = isNegative ? -value : value
    }

    var description: String {
        let size = units.magnitude
        let fraction = String(size % Self.one.magnitude)
        let padded = String(repeating: "0", count: Self.places - fraction.count) + fraction
        let places = padded.reversed().drop { $0 == "0" }.reversed()
        return (units < 0 ? "-" : "") + String(size / Self.one.magnitude) + (places.isEmpty ? "" : "." + String(places))
    }

    /// The same number as Stripe's answers and the invoices have it.
    var decimal: Decimal { Decimal(string: description) ?? 0 }

    static func += (left: inout EventValue, right: EventValue) { left.units += right.units }

    static func -= (left: inout EventValue, right: EventValue) { left.units -= right.units }
}

extension EventValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = EventValue(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a decimal number")
        }
        self = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
