/// Replies to a client. An aggregate's header is followed by its elements, which the caller appends.
extension OutputBuffer {
    /// A simple string: `+OK\r\n`. The text has no CR or LF.
    public mutating func append(simple text: FixedText) { appendLine(UInt8(ascii: "+"), text.utf8) }

    /// An error whose text is fixed: `-ERR …\r\n`. The text begins with the error's word and has no CR or LF.
    public mutating func append(error text: FixedText) { appendLine(ASCII.minus, text.utf8) }

    /// A simple string whose text is made at run time. CR and LF become spaces.
    public mutating func append(simpleText text: String) { append(line: UInt8(ascii: "+"), text) }

    /// An error whose text is made at run time and begins with the error's word. CR and LF become spaces.
    public mutating func append(errorText text: String) { append(line: ASCII.minus, text) }

    private mutating func append(line type: UInt8, _ text: String) {
        append(byte: type)
        for byte in text.utf8 {
            let breaksLine = byte == ASCII.carriageReturn || byte == ASCII.lineFeed
            append(byte: breaksLine ? ASCII.space : byte)
        }
        append(raw: "\r\n")
    }

    /// An integer: `:12\r\n`.
    public mutating func append(integer value: Int64) { appendLine(UInt8(ascii: ":"), value) }

    /// A bulk string of any bytes.
    public mutating func append(bulk bytes: Span<UInt8>) {
        appendLine(ASCII.dollar, Int64(bytes.count))
        appendLine(bytes)
    }

    /// A bulk string of fixed text.
    public mutating func append(bulk text: FixedText) { appendBulk(text.utf8) }

    /// A bulk string of text in UTF-8.
    public mutating func append(bulkUTF8 text: String) { appendBulk(text.utf8) }

    /// A bulk string of a number's digits, as `INFO`-like answers and commands have it: `$2\r\n12\r\n`.
    public mutating func append(bulkInteger value: Int64) { appendBulkDigits(value) }

    /// A boolean: `#t` or `#f`; in RESP2 the integers 1 and 0.
    public mutating func append(boolean value: Bool, _ version: RESPVersion) {
        switch version {
        case .two: append(integer: value ? 1 : 0)
        case .three: appendLine(UInt8(ascii: "#"), (value ? "t" : "f").utf8)
        }
    }

    /// Null: `_`; in RESP2 a bulk string of length -1.
    public mutating func appendNull(_ version: RESPVersion) {
        switch version {
        case .two: append(raw: "$-1\r\n")
        case .three: append(raw: "_\r\n")
        }
    }

    /// The header of an array of `count` elements.
    public mutating func appendArrayHeader(_ count: Int) { appendLine(ASCII.asterisk, Int64(count)) }

    /// The header of a set of `count` elements; in RESP2 of an array.
    public mutating func appendSetHeader(_ count: Int, _ version: RESPVersion) {
        switch version {
        case .two: appendArrayHeader(count)
        case .three: appendLine(UInt8(ascii: "~"), Int64(count))
        }
    }

    /// The header of a map of `count` pairs, which follow as key, value, key, value; in RESP2 of an array of twice as
    /// many.
    public mutating func appendMapHeader(_ count: Int, _ version: RESPVersion) {
        switch version {
        case .two: appendArrayHeader(2 * count)
        case .three: appendLine(UInt8(ascii: "%"), Int64(count))
        }
    }

    /// Bytes that are encoded already: one or more whole replies, or a part of one.
    public mutating func append(raw text: FixedText) { append(bytes: text.utf8.span) }

    private mutating func appendLine(_ type: UInt8, _ utf8: String.UTF8View) {
        append(byte: type)
        appendLine(utf8.span)
    }

    mutating func appendBulk(_ utf8: String.UTF8View) {
        appendLine(ASCII.dollar, Int64(utf8.count))
        appendLine(utf8.span)
    }
}
