/// The identifier of a meter event. It says where to look for the hour, and is random for the rest.
///
/// It is built from no id: one that is would meet an earlier attempt's, and Stripe would drop the newer total. And an
/// id may be longer than the 100 characters Stripe takes (docs.stripe.com/api/billing/meter-event/create).
public struct EventIdentifier: Sendable, Equatable {
    /// Its length, well within Stripe's 100 characters.
    public static let length = 32
    private static let partitionDigits = 4
    private static let hourDigits = 8

    /// The partition that the hour's tenant is in.
    public let partition: Int
    /// The hour, since 1970.
    public let hour: Int64

    /// 32 lower-case hexadecimal characters: 4 of the partition, 8 of the hour, and 80 random bits.
    ///
    /// - Parameters:
    ///   - partition: 0…65535.
    ///   - hour: since 1970, 0…2^32−1.
    public static func make(partition: Int, hour: Int64, using random: inout some RandomNumberGenerator) -> String {
        hexadecimal(UInt64(partition), partitionDigits) + hexadecimal(UInt64(hour), hourDigits)
            + hexadecimal(random.next() >> 48, 4) + hexadecimal(random.next(), 16)
    }

    /// Reads where to look; nil for what ``make(partition:hour:using:)`` did not make.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == Self.length,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let partition = Int(String(text.prefix(Self.partitionDigits)), radix: 16),
            let hour = Int64(
                String(text.dropFirst(Self.partitionDigits).prefix(Self.hourDigits)), radix: 16)
        else { return nil }
        self.partition = partition
        self.hour = hour
    }

    private static func hexadecimal(_ bits: UInt64, _ width: Int) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits.suffix(width)
    }
}
