/// The replies that hold no others: from their type byte and text to a value.
enum ReplyScalar {
    /// A reply of one line; `text` is what stands between the type byte and CR LF.
    static func read(_ type: UInt8, _ text: String) throws(ReplyError) -> RESPValue {
        switch type {
        case UInt8(ascii: "+"): return .simple(text)
        case UInt8(ascii: "-"): return .error(text)
        case UInt8(ascii: ":"):
            guard let value = Int64(text) else { throw .malformed("an integer that is no number") }
            return .integer(value)
        case UInt8(ascii: "_"):
            guard text.isEmpty else { throw .malformed("a null with text") }
            return .null
        case UInt8(ascii: "#"):
            guard text == "t" || text == "f" else { throw .malformed("a boolean that is neither t nor f") }
            return .boolean(text == "t")
        case UInt8(ascii: ","):
            guard let value = Double(text) else { throw .malformed("a double that is no number") }
            return .double(value)
        case UInt8(ascii: "("):
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard !digits.isEmpty, digits.utf8.allSatisfy((ASCII.zero...ASCII.nine).contains) else {
                throw .malformed("a big number that is no number")
            }
            return .bigNumber(text)
        default:
            throw .malformed("the type byte 0x\(String(type, radix: 16)) is unknown")
        }
    }

    /// A reply whose length stood before it.
    static func bulk(_ type: UInt8, _ bytes: [UInt8]) throws(ReplyError) -> RESPValue {
        switch type {
        case UInt8(ascii: "!"): return .error(String(decoding: bytes, as: UTF8.self))
        case UInt8(ascii: "="):
            guard bytes.count >= 4, bytes[3] == UInt8(ascii: ":") else {
                throw .malformed("a verbatim string without its format")
            }
            return .verbatim(
                format: String(decoding: bytes[..<3], as: UTF8.self),
                text: String(decoding: bytes[4...], as: UTF8.self))
        default: return .bulk(bytes)
        }
    }
}
