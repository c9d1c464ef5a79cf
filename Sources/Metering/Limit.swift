/// What a plan allows of a meter.
public struct Limit: Sendable, Equatable {
    /// How much: 0 to ``Amount/largest``, or ``Amount/unlimited`` (-1).
    public var value: Int64
    /// How many of ``value`` are from grants.
    public var granted: Int64 = 0
    /// What happens to a call that does not fit.
    public var mode: LimitMode
    /// The total at which ``LimitMode/overage`` ends and calls are refused, never less than ``value``; nil without end.
    public var cap: Int64?
    /// How many calls of a rate may come at once, 1 or more. Nil means ``value``, see ``effectiveBurst``.
    public var burst: Int64?
    /// What decides a call while Redis is out of reach.
    public var onStoreFailure: StoreFailurePolicy
    /// True if each call is to be asked of Redis (`lease: off`), false if a holder may take leases.
    public var leaseOff: Bool
    /// At which totals somebody is told, at most ``Threshold/most`` with labels that differ; none of a rate.
    public var alerts: [Threshold]

    /// Takes its parts as they are; Settings validates what a catalogue says.
    public init(
        value: Int64, mode: LimitMode = .hard, cap: Int64? = nil, burst: Int64? = nil,
        onStoreFailure: StoreFailurePolicy = .deny, leaseOff: Bool = false, alerts: [Threshold] = []
    ) {
        self.value = value
        self.mode = mode
        self.cap = cap
        self.burst = burst
        self.onStoreFailure = onStoreFailure
        self.leaseOff = leaseOff
        self.alerts = alerts
    }

    /// True if no total is too much.
    public var isUnlimited: Bool { value == Amount.unlimited }

    /// The burst of a rate: the stated one, else the limit itself.
    public var effectiveBurst: Int64 { burst ?? value }

    /// This limit with units granted on top of it. What is unlimited stays so.
    public func lifted(by units: Int64) -> Limit {
        guard units > 0, !isUnlimited else { return self }
        var limit = self
        limit.value = min(Amount.largest, value + units)
        limit.granted = limit.value - value
        limit.cap = cap.map { min(Amount.largest, $0 + units) }
        return limit
    }

    /// This limit with another value, which is what a tenant's own limit does to its plan's. A cap is lifted to the
    /// new value where it would lie below it, and goes when the new value is unlimited.
    public func replacingValue(with newValue: Int64) -> Limit {
        var limit = self
        limit.value = newValue
        limit.cap = newValue == Amount.unlimited ? nil : cap.map { max($0, newValue) }
        return limit
    }
}
