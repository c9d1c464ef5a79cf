/// How long to wait before the next attempt: doubling from `first`, at most `longest`, less up to half by chance so
/// that hours which failed together do not come back together.
public struct RetryBackoff: Sendable, Equatable {
    /// The wait after the first failure, before chance shortens it.
    public var first: Duration
    /// No wait is longer.
    public var longest: Duration

    /// From two seconds to ten minutes: an outage of Stripe is met with few calls, and a blip costs little.
    public init(first: Duration = .seconds(2), longest: Duration = .seconds(600)) {
        precondition(first > .zero && longest >= first, "0 < first <= longest")
        self.first = first
        self.longest = longest
    }

    /// The wait after the given attempt, the first being 1. `random` is 0…1 and picks between half and all of it.
    public func delay(afterAttempt attempt: Int, random: Double) -> Duration {
        // Past 20 doublings any `first` worth having is at the cap, and the multiplication could overflow.
        let doublings = min(max(attempt, 1) - 1, 20)
        let whole = min(first * (1 << doublings), longest)
        return whole * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}
