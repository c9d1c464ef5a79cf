/// How a tenant's usage of one meter stands at an instant, and what follows from it.
public struct MeterUsage: Sendable, Equatable {
    /// How the meter's numbers move.
    public var kind: MeterKind
    /// What is allowed; ``Amount/unlimited`` if any amount is.
    public var limit: Int64
    /// The period of a counter; nil for every other kind.
    public var period: Period?
    /// What is used: of a rate the burst less the cells that are free, of a concurrency meter what is in flight.
    public var used: Int64
    /// What open reservations of all holders hold. It is not in ``used``, but for a concurrency meter, of which nothing
    /// else is.
    public var reserved: Int64
    /// When, in Unix microseconds.
    public var instant: Int64
    /// When a rate's burst is whole again, in Unix microseconds; nil if it is, and for every other kind.
    public var wholeAt: Int64?

    /// Takes its parts as they are.
    public init(
        kind: MeterKind, limit: Int64, period: Period? = nil, used: Int64, reserved: Int64 = 0, instant: Int64,
        wholeAt: Int64? = nil
    ) {
        self.kind = kind
        self.limit = limit
        self.period = kind == .counter ? period : nil
        self.used = used
        self.reserved = reserved
        self.instant = instant
        self.wholeAt = kind == .rate ? wholeAt : nil
    }

    /// How much of what is used lies past the limit. A rate lets nothing past it.
    public var overage: Int64 { limit < 0 || kind == .rate ? 0 : max(0, used - limit) }

    /// When what is used starts anew, in Unix seconds: at a counter's end of the period, or when a rate's burst is
    /// whole again, rounded up. Nil for a whole burst, and for what time does not change.
    public var resetsAt: Int64? { period?.end ?? wholeAt.map { ($0 + 999_999) / 1_000_000 } }

    /// The smallest part of a period that a projection is made from: a few calls right at its beginning are no rate.
    private static let leastPart: Int64 = 100

    /// What a counter will have used at its period's end if it goes on as in the period so far: used * length /
    /// elapsed, rounded down, where at least a hundredth of the period counts as elapsed. Never less than what is used,
    /// nor more than ``Amount/largest``. Nil for every other kind.
    public var projected: Int64? {
        guard let period else { return nil }
        let length = max(1, period.end - period.start) * 1_000_000
        let elapsed = min(length, max(instant - period.start * 1_000_000, length / Self.leastPart))
        guard used > 0 else { return used }
        // The elapsed part is a hundredth at least, so the quotient has 64 bits.
        let product = UInt64(used).multipliedFullWidth(by: UInt64(length))
        let (quotient, _) = UInt64(elapsed).dividingFullWidth(product)
        return max(used, Int64(min(quotient, UInt64(Amount.largest))))
    }
}
