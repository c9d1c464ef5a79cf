/// What Redis answers to a ``SyncRequest``: the truth about each lease it names, in the same order.
public struct SyncReply: Sendable, Equatable {
    /// Redis's word on one lease.
    public struct Item: Sendable, Equatable {
        /// The holder's whole row: the largest totals that Redis knows.
        public var granted: Int64
        /// What the holder gave back, or what Redis took back after its lease had ended.
        public var returned: Int64
        /// What the holder consumed.
        public var spent: Int64
        /// What all holders used in the period.
        public var used: Int64
        /// What is leased to all holders and not spent.
        public var held: Int64
        /// What open reservations of all holders hold of that, this one's as it was told.
        public var reserved: Int64
        /// How many holders' leases last, this one's included: a policy for when Redis is away divides the limit by it.
        public var holders: Int
        /// What becomes of the need.
        public var verdict: SyncVerdict
        /// When a need that does not fit now can fit at the earliest, in microseconds of Redis's clock; 0 if no lease
        /// or reservation ends that would make it fit.
        public var retryAt: Int64
        /// Whether others wait: what is not spent is to be given back at once.
        public var isRecalled: Bool
        /// Whether anybody waits.
        public var hasWaiters: Bool
        /// Whether the tenant's record has another version than the holder decided by.
        public var isOtherVersion: Bool
        /// The holder's totals of the hours it named, in their order.
        public var hours: [HourTotals]

        /// A word on a lease.
        public init(
            granted: Int64, returned: Int64, spent: Int64, used: Int64, held: Int64, reserved: Int64 = 0,
            holders: Int = 1,
            verdict: SyncVerdict = .none, retryAt: Int64 = 0, isRecalled: Bool = false, hasWaiters: Bool = false,
            isOtherVersion: Bool = false, hours: [HourTotals] = []
        ) {
            self.granted = granted
            self.returned = returned
            self.spent = spent
            self.used = used
            self.held = held
            self.reserved = reserved
            self.holders = holders
            self.verdict = verdict
            self.retryAt = retryAt
            self.isRecalled = isRecalled
            self.hasWaiters = hasWaiters
            self.isOtherVersion = isOtherVersion
            self.hours = hours
        }
    }

    /// The life the reply comes from.
    public var life: StoreLife
    /// Whether Redis is learning: it grants and takes back nothing, and the reply raises nothing.
    public var isLearning: Bool
    /// What Redis's clock showed, in microseconds since 1970.
    public var now: Int64
    /// The leases.
    public var items: [Item]

    /// A reply.
    public init(life: StoreLife, isLearning: Bool, now: Int64, items: [Item]) {
        self.life = life
        self.isLearning = isLearning
        self.now = now
        self.items = items
    }
}
