/// What a meter counts, and therefore how its numbers move.
public enum MeterKind: String, Sendable, CaseIterable {
    /// Grows within a period, then starts anew: messages, tokens.
    case counter
    /// Calls per length of time with a burst, decided by ``GCRA``: requests per minute.
    case rate
    /// Goes up and down and has no period: storage bytes, seats.
    case level
    /// In flight now, held by reservations.
    case concurrency
}
