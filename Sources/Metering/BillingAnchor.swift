/// The monthly sequence of instants that a billing day makes: the same day of the month and time of day as the anchor,
/// or the month's last day where it has no such day. Every edge is computed from the anchor itself, so 31 January goes
/// to 28 or 29 February and then to 31 March. Days are UTC days, as in Stripe's billing cycle anchor.
public struct BillingAnchor: Sendable, Equatable {
    /// The anchor, in Unix seconds. It is edge number 0.
    public let instant: Int64

    private let date: CivilDate
    private let secondOfDay: Int64

    /// The sequence of this instant, in Unix seconds.
    public init(_ instant: Int64) {
        self.instant = instant
        let split = CivilDate.split(instant)
        date = split.date
        secondOfDay = split.secondOfDay
    }

    /// The edge this many months after the anchor (before it, if negative), in Unix seconds.
    public func edge(_ months: Int64) -> Int64 {
        date.addingMonths(months).daysSinceEpoch * CivilDate.secondsPerDay + secondOfDay
    }

    /// The number of the last edge at or before an instant.
    public func index(at instant: Int64) -> Int64 {
        let months = date.months(until: CivilDate.split(instant).date)
        return edge(months) <= instant ? months : months - 1
    }

    /// True if the instant is one of the sequence.
    public func contains(_ instant: Int64) -> Bool {
        edge(index(at: instant)) == instant
    }

    /// The anchor of a tenant whose subscription states a new period: the old one while the new start is one of its
    /// edges, else the new start.
    public static func following(_ old: BillingAnchor?, periodStart: Int64) -> BillingAnchor {
        if let old, old.contains(periodStart) { old } else { BillingAnchor(periodStart) }
    }
}
