/// What one call of ``RequestParser/next(in:from:)`` found.
public enum ParseOutcome: Equatable, Sendable {
    /// A whole request of `length` bytes, counted from `start` → answer it; its arguments stand in the parser until the
    /// next call.
    case request(length: Int)
    /// `length` bytes that ask for nothing (an empty line, `*0`, `*-1`) → skip them and answer nothing.
    case blank(length: Int)
    /// The request has not arrived in full → call again with the same request start and more bytes.
    case incomplete
    /// The bytes are no request, or one past the limits → answer the error and close: where the next one starts is
    /// unknown.
    case malformed(ProtocolError)
}
