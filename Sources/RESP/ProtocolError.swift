/// Why bytes from a client are not a request. Each ends the connection.
public enum ProtocolError: Error, Equatable, Sendable {
    /// The number behind `*` is not an integer as Redis reads it, or is past 2^31 - 1.
    case invalidMultibulkLength
    /// The number behind `$` is not an integer as Redis reads it, is negative, or its bytes do not end in CR LF.
    case invalidBulkLength
    /// An argument began with this byte where a `$` belongs.
    case expectedDollar(UInt8)
    /// An inline request leaves a quote open, or has text right behind a closing one.
    case unbalancedQuotes
    /// An inline request is longer than a request may be.
    case tooBigInline
    /// The lengths that a request declares add up to more than a request may have.
    case tooBigRequest
    /// A request has more arguments than it may have.
    case tooManyArguments

    /// The text for the error reply, without the leading `ERR`. Worded as Redis words it where Redis has the case. It
    /// is printable ASCII only, so it cannot break the reply's framing.
    public var message: String {
        switch self {
        case .invalidMultibulkLength: "Protocol error: invalid multibulk length"
        case .invalidBulkLength: "Protocol error: invalid bulk length"
        case .expectedDollar(let byte): "Protocol error: expected '$', got '\(Self.printable(byte))'"
        case .unbalancedQuotes: "Protocol error: unbalanced quotes in request"
        case .tooBigInline: "Protocol error: too big inline request"
        case .tooBigRequest: "Protocol error: too big request"
        case .tooManyArguments: "Protocol error: too many arguments"
        }
    }

    private static func printable(_ byte: UInt8) -> String {
        if (0x20...0x7E).contains(byte) { return String(Unicode.Scalar(byte)) }
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }
}
