/// What is known here of one hour that is compared with Stripe. All totals are units.
public struct HourFacts: Sendable, Equatable {
    /// What was counted in it, with what goes out with it of earlier periods and of its own.
    public var counted: Int64
    /// What Stripe is to hold for the hour: that without what was written off, or billed elsewhere.
    public var total: Int64
    /// What Stripe acknowledged last; 0 before the first time.
    public var acknowledged: Int64
    /// Whether it is among the hours to send.
    public var isOwed: Bool
    /// Whether a send of it is under way.
    public var isInFlight: Bool
    /// Why it is not sent now, of an owed hour; nil when nothing is known against it.
    public var hold: OwedState?
    /// Why it is a dead letter; nil when it is none.
    public var deadReason: String?
    /// The total that goes out with the next period, because the hour's books have closed.
    public var settledLate: Int64?
    /// When it is to be compared with Stripe, Unix seconds; nil once it was since it was acknowledged.
    public var checkAt: Int64?
    /// When Stripe acknowledged it, Unix seconds, where that is known.
    public var acknowledgedAt: Int64?
    /// Of a meter that adds: whether what was sent of it is settled only by what Stripe has recorded.
    public var isUnsettled = false
    /// Whether Stripe acknowledged it for another customer, meter or subscription item than it would go to now.
    public var isElsewhere = false
    /// Whether nothing was ever owed, sent or settled of it.
    public var isNeverBilled = false

    /// An hour of which nothing is known but what is given. Without a total Stripe is to hold all that was counted.
    public init(
        counted: Int64, total: Int64? = nil, acknowledged: Int64 = 0, isOwed: Bool = false, isInFlight: Bool = false,
        hold: OwedState? = nil, deadReason: String? = nil, settledLate: Int64? = nil,
        checkAt: Int64? = nil, acknowledgedAt: Int64? = nil
    ) {
        self.counted = counted
        self.total = total ?? counted
        self.acknowledged = acknowledged
        self.isOwed = isOwed
        self.isInFlight = isInFlight
        self.hold = hold
        self.deadReason = deadReason
        self.settledLate = settledLate
        self.checkAt = checkAt
        self.acknowledgedAt = acknowledgedAt
    }

    /// Whether Stripe's summaries may not have what it acknowledged. They are made afterwards and "might not
    /// immediately reflect" what was sent (docs.stripe.com/api/billing/meter-event-summary); nobody states how long.
    func isRecent(now: Int64, lag: Int64) -> Bool {
        if let acknowledgedAt, now - acknowledgedAt < lag { return true }
        // It is acknowledged since the last comparison, and the next has been left until its summary is sure.
        return acknowledgedAt == nil && checkAt.map { $0 > now } ?? false
    }
}
