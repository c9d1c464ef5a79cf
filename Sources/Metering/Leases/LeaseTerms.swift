/// What the plan says about a lease, as the holder knows it. Redis compares the version of the record it came from.
public struct LeaseTerms: Sendable, Equatable {
    /// The largest total ever allowed: the limit, the cap of an overage, or ``Amount/unlimited``.
    public var bound: Int64
    /// The version of the tenant's record; empty for none.
    public var version: String
    /// Whether Stripe is owed what is counted.
    public var isBilled: Bool
    /// Until when Redis keeps the period's usage, in unix seconds.
    public var keptUntil: Int64
    /// Whether the period never ends, so that Redis keeps its usage as long as somebody tells of it.
    public var isEndless: Bool

    /// The terms of a lease.
    public init(bound: Int64, version: String, isBilled: Bool, keptUntil: Int64, isEndless: Bool = false) {
        self.bound = bound
        self.version = version
        self.isBilled = isBilled
        self.keptUntil = keptUntil
        self.isEndless = isEndless
    }
}
