/// One message of a holder to a partition of Redis: the totals of some of its leases, and what it asks for.
///
/// It may be repeated, delayed and reordered at will. It must hold every hour that changed since Redis acknowledged it,
/// of each lease it names: `spent` without the hours it was spent in would let the same units be granted again.
public struct SyncRequest: Sendable, Equatable {
    /// One lease of the message.
    public struct Item: Sendable, Equatable {
        /// Which lease.
        public var key: LeaseKey
        /// What the plan says.
        public var terms: LeaseTerms
        /// Where it stands.
        public var statement: LeaseStatement
        /// The hours of the period to merge. A zero total asks for what Redis has of that hour.
        public var hours: [HourTotals]

        /// A lease of the message.
        public init(key: LeaseKey, terms: LeaseTerms, statement: LeaseStatement, hours: [HourTotals]) {
            self.key = key
            self.terms = terms
            self.statement = statement
            self.hours = hours
        }
    }

    /// The sender: holder id, loop and incarnation.
    public var holder: String
    /// The life that the message was made for; nil if none is known yet.
    public var life: StoreLife?
    /// Whether nobody but this holder can be there, as in a Redis of its own: then a life that begins has nothing to
    /// learn from others, whatever life was there before.
    public var isFresh: Bool
    /// Whether after this message nothing of this partition is unsent in this life.
    public var isResendComplete: Bool
    /// Past this instant of Redis's clock (microseconds) totals are merged and nothing is granted.
    public var notAfter: Int64
    /// When it was sent, on the holder's boot clock.
    public var sentAt: Int64
    /// The leases.
    public var items: [Item]

    /// A message.
    public init(
        holder: String, life: StoreLife?, isFresh: Bool = false, isResendComplete: Bool = true, notAfter: Int64,
        sentAt: Int64, items: [Item]
    ) {
        self.holder = holder
        self.life = life
        self.isFresh = isFresh
        self.isResendComplete = isResendComplete
        self.notAfter = notAfter
        self.sentAt = sentAt
        self.items = items
    }
}
