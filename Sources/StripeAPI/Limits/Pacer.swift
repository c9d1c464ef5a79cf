import Synchronization

/// Holds each caller until its turn.
final class Pacer: Sendable {
    private let bucket: Mutex<TokenBucket>
    private let clock: CallClock

    init(perSecond: Int, clock: CallClock) {
        bucket = Mutex(TokenBucket(perSecond: perSecond))
        self.clock = clock
    }

    /// Returns when it is the caller's turn, first come first served. A caller cancelled meanwhile loses its turn.
    ///
    /// - Parameters:
    ///   - count: how much of the rate the call uses up, at least 1.
    ///   - longest: what it may wait; a longer wait is refused at once, and uses up nothing.
    func waitTurn(count: Int = 1, longest: Duration) async throws(StripeError) {
        let present = clock.now()
        guard let wait = bucket.withLock({ $0.take(count, at: present, longest: longest) }) else {
            throw .local(.paced, "too many calls to Stripe are waiting for their turn")
        }
        guard wait > .zero else { return }
        do {
            try await clock.sleep(wait)
        } catch {
            throw .local(.cancelled, "cancelled while waiting for its turn")
        }
    }
}
