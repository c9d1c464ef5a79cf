/// The pace of requests, as a value: tokens come at a steady rate and a few may be saved up. Instants are durations
/// since any fixed point of one clock.
struct TokenBucket {
    private let interval: Duration
    private let burst: Duration
    /// When the next token falls due. Behind the present while tokens are saved up.
    private var nextDue: Duration?

    /// A tenth of a second's worth may go at once, at least one: smooth enough for a limit counted by the second.
    init(perSecond: Int) {
        interval = .seconds(1) / perSecond
        burst = interval * max(perSecond / 10 - 1, 0)
    }

    /// Takes tokens and returns how long to wait before using them, or nil, taking none, if that is above `longest`.
    /// Several may be used once the first falls due; those after them pay for it.
    mutating func take(_ count: Int = 1, at now: Duration, longest: Duration) -> Duration? {
        let due = max(nextDue ?? now - burst, now - burst)
        let wait = max(due - now, .zero)
        guard wait <= longest else { return nil }
        nextDue = due + interval * count
        return wait
    }
}
