internal import CHiredis
internal import Glibc

/// One reply as hiredis read it: a view that is valid only during the call it was handed to.
///
/// No copy is made, so the gate reads a decision's numbers without an allocation of its own.
public struct RedisReply {
    private let reply: UnsafePointer<redisReply>

    init(_ reply: UnsafePointer<redisReply>) {
        self.reply = reply
    }

    /// The text of an error reply; nil for any other.
    public var errorText: String? { reply.pointee.type == REDIS_REPLY_ERROR ? text : nil }

    /// The names of errors that are about the state Redis is in, whatever it was asked. They pass; a wrong command
    /// would not, but none is sent.
    private static let passing: Set<Substring> = [
        "LOADING", "BUSY", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "OOM", "MISCONF", "NOREPLICAS",
    ]

    /// Whether the text of an error says that the same command may succeed later. Redis before 7 puts words of its own
    /// before what a script met.
    public static func isPassing(_ errorText: String) -> Bool {
        errorText.split(separator: " ").contains { passing.contains($0.drop { $0 == "-" }) }
    }

    /// The text of a bulk or simple string; nil for any other.
    public var string: String? {
        reply.pointee.type == REDIS_REPLY_STRING || reply.pointee.type == REDIS_REPLY_STATUS ? text : nil
    }

    /// The number of an integer reply; nil for any other.
    public var integer: Int64? { reply.pointee.type == REDIS_REPLY_INTEGER ? reply.pointee.integer : nil }

    /// Calls `body` with the bytes of a bulk or simple string; nil for any other.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard reply.pointee.type == REDIS_REPLY_STRING || reply.pointee.type == REDIS_REPLY_STATUS else { return nil }
        return body(UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len)))
    }

    /// Whether it is the null reply.
    public var isNull: Bool { reply.pointee.type == REDIS_REPLY_NIL }

    /// The number of elements; 0 for a reply that is no array.
    public var count: Int { reply.pointee.type == REDIS_REPLY_ARRAY ? Int(reply.pointee.elements) : 0 }

    /// Element `index`, 0 ..< `count`; nil outside.
    public subscript(index: Int) -> RedisReply? {
        guard index >= 0, index < count, let element = reply.pointee.element[index] else { return nil }
        return RedisReply(UnsafePointer(element))
    }

    /// Whether it is an error that starts with `word`.
    func isError(_ word: StaticString) -> Bool {
        guard reply.pointee.type == REDIS_REPLY_ERROR, Int(reply.pointee.len) >= word.utf8CodeUnitCount else {
            return false
        }
        return memcmp(reply.pointee.str, word.utf8Start, word.utf8CodeUnitCount) == 0
    }

    /// Whether it is a message of a channel: what a subscribed connection gets unasked.
    var isPush: Bool { count == 4 && self[0]?.string == "pmessage" }

    /// A copy that may leave the call.
    var value: RedisValue {
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER: .integer(reply.pointee.integer)
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: .string(text)
        case REDIS_REPLY_ERROR: .error(text)
        case REDIS_REPLY_ARRAY: .array((0..<count).map { self[$0]?.value ?? .null })
        default: .null
        }
    }

    private var text: String {
        guard let start = reply.pointee.str else { return "" }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(reply.pointee.len))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A reply of Redis, copied: what the control plane works with.
public enum RedisValue: Sendable, Equatable {
    /// An integer.
    case integer(Int64)
    /// A bulk or simple string, decoded as UTF-8 (all that is stored is ASCII).
    case string(String)
    /// An error, with Redis's text.
    case error(String)
    /// An array.
    case array([RedisValue])
    /// No value.
    case null

    /// The text of a string; nil for anything else.
    var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The number of an integer, or of a string of digits.
    var number: Int64? {
        switch self {
        case .integer(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }

    /// The elements of an array; none for anything else.
    var elements: [RedisValue] { if case .array(let elements) = self { elements } else { [] } }
}
