/// How one lease stands at an instant, for who watches.
public struct LeaseReading: Sendable, Equatable {
    /// Whose it is, of what, in which period.
    public var key: LeaseKey
    /// The period's usage of all holders, as far as this one knows.
    public var used: Int64
    /// What the plan allows; ``Amount/unlimited`` if any.
    public var limit: Int64
    /// What happens to a call that does not fit.
    public var mode: LimitMode
    /// Units spent in a second, as of late.
    public var rate: Int64
    /// Units that can be spent without asking.
    public var unspent: Int64
    /// Units spent that Redis may not have yet.
    public var unsettled: Int64
    /// Calls that wait for units.
    public var waiting: Int
    /// When the period ends, in unix seconds.
    public var periodEnd: Int64
    /// The highest threshold that `used` is past; nil past none.
    public var threshold: String?

    /// A reading.
    public init(
        key: LeaseKey, used: Int64, limit: Int64, mode: LimitMode = .hard, rate: Int64 = 0, unspent: Int64 = 0,
        unsettled: Int64 = 0, waiting: Int = 0, periodEnd: Int64, threshold: String? = nil
    ) {
        self.key = key
        self.used = used
        self.limit = limit
        self.mode = mode
        self.rate = rate
        self.unspent = unspent
        self.unsettled = unsettled
        self.waiting = waiting
        self.periodEnd = periodEnd
        self.threshold = threshold
    }

    /// The part of the limit that is used; nil without a limit. Of a limit of 0, anything is all of it.
    public var share: Double? { Self.share(used: used, limit: limit) }

    /// The part of a limit that is used.
    public static func share(used: Int64, limit: Int64) -> Double? {
        guard limit >= 0 else { return nil }
        return limit == 0 ? (used > 0 ? 1 : 0) : Double(used) / Double(limit)
    }
}
