extension RESPValue {
    /// The text of a simple string, bulk string, verbatim string or big number; bytes that are no UTF-8 show as U+FFFD.
    public var text: String? {
        switch self {
        case .simple(let text), .verbatim(_, let text), .bigNumber(let text): text
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// The text of an error.
    public var errorText: String? {
        if case .error(let text) = self { text } else { nil }
    }

    /// The number of an integer.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The elements of an array, a set or a push.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        default: nil
        }
    }

    /// The value of the field `name`, in a map or in an array of names and values by turns.
    public subscript(name: String) -> RESPValue? {
        switch self {
        case .map(let pairs):
            return pairs.first { $0.key.text == name }?.value
        case .array(let elements):
            let keys = stride(from: 0, to: elements.count - 1, by: 2)
            return keys.first { elements[$0].text == name }.map { elements[$0 + 1] }
        default:
            return nil
        }
    }
}
