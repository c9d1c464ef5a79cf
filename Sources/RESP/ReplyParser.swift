/// Reads replies, RESP2 and RESP3, from bytes that come in any portions. For the command line and tests.
///
/// Attributes are read and dropped. Streamed strings and aggregates, which no server sends unasked, are refused.
/// After an error the parser must not be used again.
public struct ReplyParser: Sendable {
    /// An aggregate whose elements are still arriving.
    struct Frame {
        let type: UInt8
        var missing: Int
        var elements: [RESPValue] = []
    }

    private let maxReplyBytes: Int
    private let maxDepth: Int
    private var bytes: [UInt8] = []
    /// The first byte not yet understood.
    private var position = 0
    /// How far the line that begins at `position` was searched for its end.
    private var searched = 0
    /// The bytes of the reply under way that are understood already.
    private var replyBytes = 0
    private var frames: [Frame] = []

    /// A parser that has read nothing.
    ///
    /// - Parameters:
    ///   - maxReplyBytes: the longest reply in bytes; 1 … 2^40.
    ///   - maxDepth: the deepest nesting of aggregates; at least 1.
    public init(maxReplyBytes: Int = 64 << 20, maxDepth: Int = 32) {
        precondition((1...1 << 40).contains(maxReplyBytes), "a reply has 1 … 2^40 bytes")
        precondition(maxDepth > 0, "a depth is at least 1")
        self.maxReplyBytes = maxReplyBytes
        self.maxDepth = maxDepth
    }

    /// Takes over bytes that have arrived.
    public mutating func append(_ arrived: [UInt8]) {
        bytes.removeSubrange(..<position)
        searched = max(0, searched - position)
        position = 0
        bytes.append(contentsOf: arrived)
    }

    /// The next reply, or nil if it has not arrived in full.
    public mutating func next() throws(ReplyError) -> RESPValue? {
        while true {
            guard let line = try readLine() else { return nil }
            guard let value = try readValue(line) else { return nil }
            if case .opened = value { continue }
            if let reply = close(value) {
                replyBytes = 0
                return reply
            }
        }
    }
}

extension ReplyParser {
    /// What a line began.
    private enum Item {
        case value(RESPValue)
        /// An aggregate with elements to come, now on the stack.
        case opened
        /// An attribute without entries.
        case nothing
    }

    /// The range of the line at `position`, its type byte included and its CR LF not, or nil if it is not whole.
    private mutating func readLine() throws(ReplyError) -> Range<Int>? {
        searched = max(searched, position)
        while searched + 1 < bytes.count {
            if bytes[searched] == ASCII.carriageReturn, bytes[searched + 1] == ASCII.lineFeed {
                guard searched > position else { throw .malformed("an empty line") }
                try reserve(searched + 2 - position)
                return position..<searched
            }
            searched += 1
        }
        try reserve(bytes.count - position)
        return nil
    }

    /// Refuses a reply that will have `count` bytes more than those understood and is too long by them.
    private func reserve(_ count: Int) throws(ReplyError) {
        guard count <= maxReplyBytes - replyBytes else { throw .tooLarge(maxBytes: maxReplyBytes) }
    }

    private mutating func take(upTo end: Int) {
        replyBytes += end - position
        position = end
    }

    /// Reads what the line says, and the bytes behind it if it announces any. Nil if those have not all arrived.
    private mutating func readValue(_ line: Range<Int>) throws(ReplyError) -> Item? {
        let type = bytes[line.lowerBound]
        switch type {
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            return try readBulk(line, type)
        case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            return try open(line, type)
        default:
            let text = String(decoding: bytes[line.dropFirst()], as: UTF8.self)
            let value = try ReplyScalar.read(type, text)
            take(upTo: line.upperBound + 2)
            return .value(value)
        }
    }

    /// The number behind the line's type byte.
    private func readNumber(_ line: Range<Int>) throws(ReplyError) -> Int64 {
        guard case .value(let number, _) = LengthLine.read(bytes.span, at: line.lowerBound + 1) else {
            throw .malformed("a length that is no number")
        }
        return number
    }

    private mutating func readBulk(_ line: Range<Int>, _ type: UInt8) throws(ReplyError) -> Item? {
        let length = try readNumber(line)
        let start = line.upperBound + 2
        if length == -1, type == ASCII.dollar {
            take(upTo: start)
            return .value(.null)
        }
        guard length >= 0 else { throw .malformed("a negative length") }
        guard length <= Int64(maxReplyBytes) else { throw .tooLarge(maxBytes: maxReplyBytes) }
        let end = start + Int(length)
        try reserve(end + 2 - position)
        guard end + 2 <= bytes.count else { return nil }
        guard bytes[end] == ASCII.carriageReturn, bytes[end + 1] == ASCII.lineFeed else {
            throw .malformed("a bulk string that does not end where it says")
        }
        let value = try ReplyScalar.bulk(type, Array(bytes[start..<end]))
        take(upTo: end + 2)
        return .value(value)
    }

    private mutating func open(_ line: Range<Int>, _ type: UInt8) throws(ReplyError) -> Item {
        let count = try readNumber(line)
        let isPaired = type == UInt8(ascii: "%") || type == UInt8(ascii: "|")
        guard count != -1 || type != ASCII.asterisk else {
            take(upTo: line.upperBound + 2)
            return .value(.null)
        }
        guard count >= 0 else { throw .malformed("a negative count") }
        guard count <= Int64(maxReplyBytes) else { throw .tooLarge(maxBytes: maxReplyBytes) }
        take(upTo: line.upperBound + 2)
        let missing = Int(count) * (isPaired ? 2 : 1)
        // No element is shorter than `_\r\n`.
        try reserve(3 * missing)
        let frame = Frame(type: type, missing: missing)
        guard missing > 0 else { return Self.value(of: frame).map(Item.value) ?? .nothing }
        guard frames.count < maxDepth else { throw .tooDeep(maxDepth: maxDepth) }
        frames.append(frame)
        return .opened
    }

    /// Puts a value where it belongs, closing aggregates that it completes. Returns the reply if it is whole.
    private mutating func close(_ item: Item) -> RESPValue? {
        guard case .value(var value) = item else { return nil }
        while let last = frames.indices.last {
            frames[last].elements.append(value)
            frames[last].missing -= 1
            guard frames[last].missing == 0, let frame = frames.popLast() else { return nil }
            guard let aggregate = Self.value(of: frame) else { return nil }
            value = aggregate
        }
        return value
    }

    /// The value of a complete aggregate; nil for an attribute, which is dropped.
    private static func value(of frame: Frame) -> RESPValue? {
        switch frame.type {
        case UInt8(ascii: "*"): .array(frame.elements)
        case UInt8(ascii: "~"): .set(frame.elements)
        case UInt8(ascii: ">"): .push(frame.elements)
        case UInt8(ascii: "%"):
            .map(
                stride(from: 0, to: frame.elements.count, by: 2).map {
                    RESPValue.Pair(key: frame.elements[$0], value: frame.elements[$0 + 1])
                })
        default: nil
        }
    }
}
