internal import Metering

/// What a tenant's plan says of one rate.
struct RateTerms: Equatable {
    let limit: Int64
    let isInPlan: Bool
    let isShadow: Bool
    /// Nil where there is nothing to reckon with: no limit, or a limit of 0.
    let rate: GCRA?

    init(_ meter: Meter, _ limit: Limit?) {
        self.limit = limit?.value ?? 0
        isInPlan = limit != nil
        isShadow = limit?.mode == .shadow
        rate = limit?.rate(of: meter)
    }
}

extension Limit {
    /// The rate that it makes of a meter; nil for a limit of 0, and for none.
    func rate(of meter: Meter) -> GCRA? {
        GCRA(limit: value, periodMicroseconds: meter.cycle?.fixedMicroseconds ?? 60_000_000, burst: effectiveBurst)
    }
}
