@testable import Metering

/// Refunds in a history.
extension SimWorld {
    /// A refund that a holder asks for. A reply that is lost leaves it carried out and unanswered.
    mutating func refund(_ index: Int, _ n: Int64, isAnswered: Bool) throws(SimFailure) {
        // What it was told of before has to be told to Redis first, or that would count for nothing.
        let holder = holders[index]
        let isTold = holder.hours.values.allSatisfy {
            $0.refunded == 0 || holder.acknowledged[$0.hour]?.refunded == $0.refunded
        }
        guard isTold || !rules.contains(.refunds) else { return }
        let first = period * calendar.hoursInPeriod
        let item = RefundRequest.Item(
            meter: Self.meter, place: .counter(period: period, hours: first...hour), amount: n, limit: 0, isBilled: true
        )
        var request = RefundRequest(
            tenant: Self.tenant, version: store.versions[Self.tenant] ?? "", holder: holder.name, actor: "uid:1",
            life: holder.view.life, notAfter: .max, items: [item])
        request.isFinal = true
        let before = store.hours
        guard case .done(let items, _) = store.refund(request, run: runID, now: redisNow) else { return }
        guard items[0].counted <= n else { throw SimFailure("\(items[0].counted) given back of \(n)") }
        for totals in items[0].hours {
            let place = SyncStore.HourPlace(tenant: Self.tenant, meter: Self.meter, hour: totals.hour)
            let row = SimRow(holder: holder.name, hour: totals.hour)
            let none = HourTotals(hour: totals.hour)
            let taken = totals.refunded - (before[place]?[holder.name]?.refunded ?? 0)
            guard taken > 0, store.hours[place]?.values.reduce(0, { $0 + $1.net }) ?? -1 >= 0 else {
                throw SimFailure("hour \(totals.hour): \(taken) taken of \(before[place] ?? [:])")
            }
            refunded[period, default: 0] += taken
            guard isAnswered else {
                unansweredRefunds[row, default: 0] += taken
                continue
            }
            truth[row, default: none].refunded += taken
            admitted[period, default: 0] -= taken
            holders[index].hours[totals.hour, default: none].merge(totals)
        }
    }
}
