/// Why bytes from a server are not a reply, or none that this parser takes. The connection is of no use afterwards.
public enum ReplyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes break the protocol.
    case malformed(String)
    /// The reply is longer than so many bytes, or declares that it will be.
    case tooLarge(maxBytes: Int)
    /// Arrays stand in arrays deeper than so many levels.
    case tooDeep(maxDepth: Int)

    /// What was wrong with the reply.
    public var description: String {
        switch self {
        case .malformed(let reason): "the server's reply is not RESP: \(reason)"
        case .tooLarge(let maxBytes): "the server's reply is larger than \(maxBytes) bytes"
        case .tooDeep(let maxDepth): "the server's reply is nested deeper than \(maxDepth) levels"
        }
    }
}
