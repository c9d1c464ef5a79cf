/// What names may look like. Each check reads bytes where they lie and allocates nothing.
public enum Identifier {
    /// The names that a meter or feature cannot have: they are words of the gate's commands.
    public static let reservedNames = ["id", "at", "ttl", "period"]

    /// A tenant id: 1 to 128 bytes of `A-Z a-z 0-9 . _ : @ -`.
    public static func isTenantID(_ bytes: Span<UInt8>) -> Bool {
        hasOnly(bytes, upTo: 128) { isWordByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "@") }
    }

    /// A tenant id: 1 to 128 bytes of `A-Z a-z 0-9 . _ : @ -`.
    public static func isTenantID(_ text: String) -> Bool { isTenantID(text.utf8Span.span) }

    /// The name of a meter or feature: `[a-z][a-z0-9_]{0,63}`, and none of ``reservedNames``.
    public static func isName(_ bytes: Span<UInt8>) -> Bool {
        guard isNameShaped(bytes) else { return false }
        for index in reservedNames.indices where equal(bytes, reservedNames[index]) {
            return false
        }
        return true
    }

    /// The name of a meter or feature: `[a-z][a-z0-9_]{0,63}`, and none of ``reservedNames``.
    public static func isName(_ text: String) -> Bool { isName(text.utf8Span.span) }

    /// An idempotency key: 1 to 255 printable ASCII bytes (0x21 to 0x7e).
    public static func isIdempotencyKey(_ bytes: Span<UInt8>) -> Bool {
        hasOnly(bytes, upTo: 255) { $0 >= 0x21 && $0 <= 0x7e }
    }

    /// An idempotency key: 1 to 255 printable ASCII bytes (0x21 to 0x7e).
    public static func isIdempotencyKey(_ text: String) -> Bool { isIdempotencyKey(text.utf8Span.span) }

    /// A holder id: 1 to 32 bytes of `A-Z a-z 0-9 . _ -`.
    public static func isHolderID(_ bytes: Span<UInt8>) -> Bool {
        hasOnly(bytes, upTo: 32, isWordByte)
    }

    /// A holder id: 1 to 32 bytes of `A-Z a-z 0-9 . _ -`.
    public static func isHolderID(_ text: String) -> Bool { isHolderID(text.utf8Span.span) }

    /// The slug of a plan: 1 to 64 bytes of `A-Z a-z 0-9 . _ -`.
    public static func isPlanSlug(_ text: String) -> Bool {
        hasOnly(text.utf8Span.span, upTo: 64, isWordByte)
    }

    /// True if the bytes are exactly the UTF-8 of the text.
    static func equal(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        let other = text.utf8Span.span
        guard bytes.count == other.count else { return false }
        for index in bytes.indices where bytes[index] != other[index] {
            return false
        }
        return true
    }

    private static func isNameShaped(_ bytes: Span<UInt8>) -> Bool {
        guard let first = bytes.isEmpty ? nil : bytes[0], isLowercase(first) else { return false }
        return hasOnly(bytes, upTo: 64) { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func hasOnly(_ bytes: Span<UInt8>, upTo longest: Int, _ isAllowed: (UInt8) -> Bool) -> Bool {
        guard !bytes.isEmpty, bytes.count <= longest else { return false }
        for index in bytes.indices where !isAllowed(bytes[index]) {
            return false
        }
        return true
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLowercase(byte) || isDigit(byte) || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func isLowercase(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
