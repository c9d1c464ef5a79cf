/// The identifier of one attempt to send a meter event. It is random and holds nothing of the tenant, meter or hour:
/// an identifier built from those would meet an earlier attempt's, and Stripe would drop the newer total.
public enum EventIdentifier {
    /// Its length, well within Stripe's 100 characters.
    public static let length = 32

    /// 32 lower-case hexadecimal characters, 128 random bits.
    public static func make(using random: inout some RandomNumberGenerator) -> String {
        hexadecimal(random.next()) + hexadecimal(random.next())
    }

    private static func hexadecimal(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
