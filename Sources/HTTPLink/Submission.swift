/// A request and the caller waiting for it, on the way from `send` to the loop. Whoever takes it out of the mailbox
/// must resume the continuation exactly once.
struct Submission: Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPError>

    let id: UInt64
    let request: HTTPRequest
    let expiresAt: ContinuousClock.Instant
    let continuation: CheckedContinuation<Outcome, Never>
}
