/// A Stripe secret or restricted key. It shows itself to the `Authorization` header and to nothing else: printing,
/// interpolating, dumping or reflecting one says only that it is there.
public struct StripeSecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    /// Nil when the text is empty, or holds anything but printable ASCII, which no key does.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        value = text
    }

    /// Never the key.
    public var description: String { "(secret key)" }
    /// Never the key.
    public var debugDescription: String { description }
    /// Without children, so that `dump` has nothing to show.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
