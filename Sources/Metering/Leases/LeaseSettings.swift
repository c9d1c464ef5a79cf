/// How long leases last and how large they get. All times are microseconds.
public struct LeaseSettings: Sendable, Equatable {
    /// How long a lease is good for, counted from the sending of the sync whose reply renewed it.
    public var ttl: Int64
    /// What Redis waits beyond that before it gives a silent holder's rest to others.
    public var grace: Int64
    /// The longest that a changed total stays unsent.
    public var horizon: Int64
    /// The longest that a call waits for others to give back what they do not spend.
    public var recallDeadline: Int64
    /// The longest that a reply is waited for before the sync is sent again.
    public var replyDeadline: Int64
    /// The longest that a reservation runs without being renewed.
    public var reservationTTL: Int64

    /// Settings, with the defaults of `lease:` and `redis:` for what is not named.
    public init(
        ttl: Int64 = 5_000_000, grace: Int64 = 1_000_000, horizon: Int64 = 300_000, recallDeadline: Int64 = 25_000,
        replyDeadline: Int64 = 20_000, reservationTTL: Int64 = 900_000_000
    ) {
        self.ttl = ttl
        self.grace = grace
        self.horizon = horizon
        self.recallDeadline = recallDeadline
        self.replyDeadline = replyDeadline
        self.reservationTTL = reservationTTL
    }
}
