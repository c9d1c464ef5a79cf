/// What a reply asks the holder to do about one lease. The totals are merged by then.
public enum LeaseAction: Sendable, Equatable {
    /// Nothing.
    case none
    /// The reply is older than a lease lasts → nothing in it counts.
    case dropped
    /// The need was granted → serve the waiting calls.
    case serve
    /// The need may still fit → ask again before its deadline. If it never does: the instant of Redis's clock at which
    /// it can fit at the earliest, 0 for none.
    case wait(retryAt: Int64)
    /// A call of this amount does not fit → refuse the waiting calls that take as much and came before the asking.
    case refuse(amount: Int64, retryAt: Int64)
    /// Redis could not decide → ask again, or let the failure policy answer at the deadline.
    case undecided
    /// The tenant's record is another → read it, then ask again.
    case reload
    /// Others wait, and everything unspent was given back → sync at once.
    case sync
}
