import Billing
import StripeAPI

/// Makes the calls to Stripe that are not usage: reads, and what is set up once. Each is repeated while Billing's
/// `RetryDecision` says so, with the same idempotency key, so many times and so long at most.
struct StripeRetry: Sendable {
    /// The most attempts of one call, the first one too.
    var attempts = 5
    /// No attempt begins later than this after the first.
    var longest: Duration = .seconds(60)
    /// Waits between attempts. An answer that asks for patience costs the longest of them.
    var backoff = RetryBackoff(first: .milliseconds(500), longest: .seconds(20))
    /// What waits are measured by.
    var clock: any Clock<Duration> = ContinuousClock()
    /// 0…1, for the jitter.
    var random: @Sendable () -> Double = { Double.random(in: 0...1) }

    /// Makes a call that changes nothing.
    func read<Answer>(
        _ call: () async throws(StripeError) -> Answer
    ) async throws(StripeError) -> Answer {
        let clock = clock
        let elapsed = Self.stopwatch(clock)
        var attempt = 1
        while true {
            do throws(StripeError) {
                return try await call()
            } catch {
                guard attempt < attempts, error.code != StripeError.LocalCode.cancelled.rawValue,
                    let wait = wait(after: error, attempt: attempt), elapsed() + wait <= longest
                else { throw error }
                do {
                    try await clock.sleep(for: wait)
                } catch _ {
                    // Cancelled meanwhile: what Stripe said last is the answer.
                    throw error
                }
                attempt += 1
            }
        }
    }

    /// Makes a call that makes something: every attempt has the key that is given, so it is made once however often
    /// an answer is lost.
    ///
    /// - Parameters:
    ///   - key: 1 to 255 printable characters, for this call alone; Stripe keeps it for a day at least
    ///     (docs.stripe.com/api/idempotent_requests).
    ///   - call: gets the key.
    func write<Answer>(
        key: String, _ call: (String) async throws(StripeError) -> Answer
    ) async throws(StripeError) -> Answer {
        try await read { () async throws(StripeError) in try await call(key) }
    }

    /// Nil when there is nothing to be gained by another attempt.
    private func wait(after error: StripeError, attempt: Int) -> Duration? {
        let decision = RetryDecision.after(
            outcome: StripeOutcome(error), attempt: attempt, earlierUnknown: false, random: random(), backoff: backoff)
        guard case .retry(let wait) = decision.verdict, !decision.needsNewKey else { return nil }
        return wait
    }

    /// The time since now. It opens the clock's type, which instants belong to.
    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
