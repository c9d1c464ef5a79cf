/// Why a request has no answer. It says above all whether the server may have acted on the request.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: String, Sendable, CaseIterable {
        /// The address did not resolve, the connection was refused, or it ended before a byte of the request left.
        case couldNotConnect
        /// The deadline passed while the request waited, connected or negotiated TLS; none of it had left.
        case timedOutBeforeSending
        /// The deadline passed after bytes of the request had left.
        case timedOutAfterSending
        /// The connection was closed or reset after bytes of the request had left, before the answer was whole.
        case closedAfterSending
        /// The certificate was not trusted, or no TLS 1.2 or newer could be agreed on.
        case tls
        /// The answer is larger than the configuration allows.
        case responseTooLarge
        /// The peer answered with something that is not HTTP.
        case badResponse
        /// As many requests as the configuration allows are already waiting or under way.
        case queueFull
        /// The request itself is not sendable: a bad address, method or header.
        case invalidRequest
        /// The calling task was cancelled.
        case cancelled
        /// The client was shut down.
        case shutDown
        /// libcurl failed in a way that fits none of the above; the message has its own words.
        case failed
    }

    /// What went wrong.
    public let code: Code
    /// A sentence for people, naming the request. It holds no header, query or body.
    public let message: String
    /// True when bytes of the request had left, so the server may or may not have acted on it.
    public let isOutcomeUnknown: Bool

    /// An error made by hand, for transports that stand in for a server.
    public init(code: Code, message: String, isOutcomeUnknown: Bool) {
        self.code = code
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// The message and, when it matters, that the outcome is unknown.
    public var description: String {
        isOutcomeUnknown ? "\(message) (the server may have acted on it)" : message
    }
}
