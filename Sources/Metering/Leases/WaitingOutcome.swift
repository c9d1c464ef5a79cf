/// How a waiting call ends.
public enum WaitingOutcome: Sendable, Equatable {
    /// It fits now, and its units are spent.
    case taken
    /// It does not fit. The instant of Redis's clock at which it can fit at the earliest, 0 for none.
    case refused(retryAt: Int64)
    /// Redis said nothing about it in time → the limit's failure policy answers.
    case undecided
}
