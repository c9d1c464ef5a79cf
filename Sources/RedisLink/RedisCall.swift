public import RESP

/// One command on its way to Redis, and who hears its answer. Lives on the loop of its connection.
///
/// A class to subclass, so that the gate's own record of waiting decisions is the call: no closure, no second object.
open class RedisCall {
    /// When the command was handed to the connection, in microseconds of `BootClock`.
    public internal(set) var sentAt: Int64 = 0
    var triedLoadingScripts = false

    /// For subclasses.
    public init() {}

    /// Writes the command. Called once a try; the bytes must be one whole command.
    open func encode(into output: inout OutputBuffer) {}

    /// The answer, an error reply included. `reply` is valid only during the call.
    open func completed(_ reply: RedisReply) {}

    /// No answer will come. `mayHaveRun` tells whether Redis may have got the command all the same.
    open func failed(_ failure: RedisFailure, mayHaveRun: Bool) {}
}

/// Why a call got no answer.
public enum RedisFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no connection now.
    case notConnected
    /// So many calls wait that one more is not taken.
    case tooManyWaiting
    /// The connection broke while the call waited.
    case connectionLost(String)

    /// The message for people.
    public var description: String {
        switch self {
        case .notConnected: "Redis is not connected"
        case .tooManyWaiting: "too many calls wait for Redis"
        case .connectionLost(let reason): "the connection to Redis was lost: \(reason)"
        }
    }
}

extension RedisConnection {
    /// The first two arguments of a call of `script`, encoded: `EVALSHA` and the digest.
    public static func scriptCall(_ script: Script) -> OutputBuffer {
        var output = OutputBuffer()
        let digest = script.digest
        output.appendArgument("EVALSHA")
        output.appendArgument(digest.span)
        return output
    }
}
