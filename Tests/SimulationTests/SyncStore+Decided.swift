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

    /// A refund (F9): decided here, once for each number of a holder, from the newest hours that still have net usage.
    /// Returns the holder's hours that changed, or nil while learning.
    mutating func refund(
        _ n: Int64, number: Int64, key: LeaseKey, hours period: ClosedRange<Int64>, holder: String
    ) -> [HourTotals]? {
        guard life?.until == 0 else { return nil }
        guard refundsSeen[holder] ?? 0 < number else { return [] }
        refundsSeen[holder] = number
        var left = n
        var changed: [HourTotals] = []
        for hour in period.reversed() {
            let place = HourPlace(tenant: key.tenant, meter: key.meter, hour: hour)
            let net = hours[place]?.values.reduce(0) { $0 + $1.net } ?? 0
            let taken = min(left, net)
            guard taken > 0 else { continue }
            var totals = hours[place]?[holder] ?? HourTotals(hour: hour)
            totals.refunded += taken
            hours[place]?[holder] = totals
            usages[key]?.used -= taken
            changed.append(totals)
            left -= taken
        }
        return changed
    }
}
