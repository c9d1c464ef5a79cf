internal import Metering

/// What a tenant's plan says of one counter in one period.
struct MeterTerms {
    let limit: Int64
    /// The largest total that is ever allowed; -1 for none.
    let bound: Int64
    let mode: LimitMode
    let policy: StoreFailurePolicy
    let isLeaseOff: Bool
    let isInPlan: Bool
    let isBilled: Bool
    /// What is in flight: only set aside and given back, never used up, so there is one period for ever.
    let isConcurrency: Bool
    /// None of what is in flight: it has no total that could pass one.
    let alerts: [Threshold]
    let period: Period
    /// Until when Redis keeps the period's usage, in unix seconds.
    let keptUntil: Int64

    init(_ meter: Meter, _ limit: Limit?, _ period: Period) {
        let rule = limit ?? Limit(value: 0)
        self.limit = rule.value
        self.period = period
        mode = rule.mode
        policy = rule.onStoreFailure
        isLeaseOff = rule.leaseOff
        isInPlan = limit != nil
        isBilled = meter.stripe != nil
        isConcurrency = meter.kind == .concurrency
        alerts = meter.kind == .counter ? rule.alerts : []
        bound = rule.bound
        keptUntil = period.usageKeptUntil(meter.cycle)
    }

    /// Whether several periods lie in one hour.
    var isShorterThanHour: Bool { period.end - period.start < 3600 }

    /// Whether a call can be refused, so that units have to be granted before they are spent.
    var needsLease: Bool { isInPlan && mode != .shadow && bound >= 0 }

    /// What Redis is told to hold the total to.
    var leaseBound: Int64 { needsLease ? bound : Amount.unlimited }

    /// What a total means to the limit, as far as it was let through.
    func verdict(used: Int64) -> Verdict {
        guard limit >= 0, used > limit else { return .ok }
        return mode == .shadow ? .shadow : .overage
    }
}

extension Limit {
    /// The largest total that is ever allowed: the limit, or an overage's cap; -1 for none.
    var bound: Int64 { mode == .overage ? cap ?? Amount.unlimited : value }
}

extension Period {
    /// A tenant that used something for the last time so long ago that no invoice can be concerned has no usage left.
    /// Stripe takes usage 35 days back (docs.stripe.com/api/billing/meter-event/create); five more for the flush.
    private static let usageLifetime: Int64 = 40 * 86_400

    /// Until when the period's usage is kept, in unix seconds.
    func usageKeptUntil(_ cycle: Cycle?) -> Int64 { end + (cycle == .minute ? 86_400 : Self.usageLifetime) }
}
