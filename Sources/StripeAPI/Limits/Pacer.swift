import Synchronization

/// Holds each caller until its turn. The clock is injected, so that a test can be it.
final class Pacer: Sendable {
    private let bucket: Mutex<TokenBucket>
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    init<C: Clock<Duration>>(perSecond: Int, clock: C) {
        let start = clock.now
        bucket = Mutex(TokenBucket(perSecond: perSecond))
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }

    /// Returns when it is the caller's turn, first come first served. A caller cancelled meanwhile loses its turn.
    func waitTurn(longest: Duration) async throws(StripeError) {
        let present = now()
        guard let wait = bucket.withLock({ $0.take(at: present, longest: longest) }) else {
            throw .local(.paced, "too many calls to Stripe are waiting for their turn")
        }
        guard wait > .zero else { return }
        do {
            try await sleep(wait)
        } catch {
            throw .local(.cancelled, "cancelled while waiting for its turn")
        }
    }
}
