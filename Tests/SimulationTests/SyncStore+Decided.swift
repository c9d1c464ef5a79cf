@testable import Metering

/// What Redis decides alone. These stand for scripts of their own, as far as leases are concerned.
extension SyncStore {
    /// A call that Redis counts itself, on a row of the holder that only Redis adds to. Returns that row's total; nil
    /// if it does not fit, or if nothing can be decided.
    mutating func decide(
        _ n: Int64, key: LeaseKey, hour: Int64, bound: Int64, holder: String, run: String, now: Int64
    ) -> Int64? {
        visit(run: run, isFresh: false, now: now)
        guard life?.until == 0 || !rules.contains(.learning) else { return nil }
        var usage = usages[key] ?? Usage()
        guard bound < 0 || usage.used + usage.held + n <= bound else { return nil }
        let place = HourPlace(tenant: key.tenant, meter: key.meter, hour: hour)
        var totals = hours[place]?[holder] ?? HourTotals(hour: hour)
        totals.decided += n
        hours[place, default: [:]][holder] = totals
        usage.used += n
        usages[key] = usage
        return totals.decided
    }
}
