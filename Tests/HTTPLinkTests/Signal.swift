import Foundation

/// Tells a test that a server's thread has come to a point. Waiting has a bound, so a test fails instead of hanging.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func fire() {
        continuation.yield()
    }

    /// True once `fire` was called; false after a minute without.
    func wait() async -> Bool {
        let limit = DispatchSource.makeTimerSource()
        limit.schedule(deadline: .now() + 60)
        limit.setEventHandler { [continuation] in continuation.finish() }
        limit.resume()
        defer { limit.cancel() }
        var iterator = stream.makeAsyncIterator()
        return await iterator.next(isolation: nil) != nil
    }
}
