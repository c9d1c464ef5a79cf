/// Units of a counter given to a tenant on top of its limit, spent before the plan's, until they are used up or expire.
///
/// A grant belongs to one period at a time. What is left of it goes over into the next one once it is settled how much
/// the last one drew; until then it counts nothing there.
public struct Grant: Sendable, Equatable {
    /// How a grant is named: 1 to 32 bytes of `a-z 0-9`.
    public let id: String
    /// Whose units.
    public let meter: String
    /// How many were given, 1 or more.
    public let units: Int64
    /// When, in Unix seconds.
    public let givenAt: Int64
    /// The first second in which it counts nothing any more, in Unix seconds.
    public let expires: Int64
    /// Who gave it, in the words of the audit stream: no spaces.
    public let by: String
    /// Why, in words, on one line.
    public let reason: String
    /// When it was taken back, in Unix seconds; nil while it was not.
    public var revokedAt: Int64?
    /// How many were left at the beginning of its period, or when it was given in it.
    public var remaining: Int64
    /// The start of the period that it belongs to, in Unix seconds.
    public var periodStart: Int64
    /// When that period is over, or is to be looked at again, in Unix seconds.
    public var periodEnd: Int64
    /// What was used in that period when it was given: it is drawn by what came later.
    public var base: Int64 = 0
    /// What it was drawn by in that period, once it is over and that is settled.
    public var drawn: Int64?

    /// A grant that is given now, in a period in which `base` is used already.
    public init(
        id: String, meter: String, units: Int64, givenAt: Int64, expires: Int64, by: String, reason: String,
        period: Period, base: Int64
    ) {
        self.id = id
        self.meter = meter
        self.units = units
        self.givenAt = givenAt
        self.expires = expires
        self.by = by
        self.reason = reason
        self.base = base
        remaining = units
        periodStart = period.start
        periodEnd = period.end
    }

    /// The first second in which nothing more can be drawn.
    public var end: Int64 { min(expires, revokedAt ?? expires) }

    /// Whether units of it may be spent in this second.
    public func isActive(at second: Int64) -> Bool { drawn == nil && second < end }

    /// When somebody has to settle something of it, in Unix seconds.
    public var due: Int64 { drawn == nil ? min(end, periodEnd) : periodEnd }

    /// By how much it lifts the limit of its counter in the period that starts then.
    public func allowance(in period: Int64, at second: Int64) -> Int64 {
        guard period == periodStart else { return 0 }
        return drawn ?? (second < end ? remaining : 0)
    }
}
