@testable import Metering

/// What clients do at a holder, and how a kill can come in between.
extension SimWorld {
    /// Whether the process is killed at this point of danger.
    mutating func dies(_ index: Int) -> Bool {
        guard let fuse = holders[index].fuse else { return false }
        guard fuse <= 0 else {
            holders[index].fuse = fuse - 1
            return false
        }
        holders[index].die()
        return true
    }

    /// Works on a lease as the rules in force say.
    mutating func onLease<Result>(
        _ index: Int, _ period: Int64, at time: Int64, _ body: (inout Lease) -> Result
    ) -> Result {
        var lease = holders[index].leases[period] ?? Lease()
        if !rules.contains(.spentInLease) {
            // What was spent is what the hours that are still there add up to.
            lease.spent = holders[index].hours.values.reduce(0) {
                $0 + (calendar.period(hour: $1.hour) == period ? $1.consumed : 0)
            }
        }
        let end = lease.expires
        if !rules.contains(.endGivesBack), time >= end, end > 0 { lease.expires = time + 1 }
        let result = body(&lease)
        if lease.expires == time + 1 { lease.expires = end }
        holders[index].leases[period] = lease
        return result
    }

    mutating func call(_ index: Int, _ n: Int64) throws(SimFailure) {
        let (period, time) = (period, time(holders[index]))
        let isFree = holders[index].lines[period]?.isEmpty ?? true
        let isOver = !rules.contains(.endGivesBack) && time >= holders[index].leases[period]?.expires ?? 0
        if isFree, !isOver, onLease(index, period, at: time, { $0.take(n, now: time) }) {
            // `spent` is written first: a kill here takes units that were given to nobody.
            if dies(index) { return }
            try admit(n, at: index, period: period)
            return
        }
        nextToken += 1
        let deadline = time + Self.settings.recallDeadline
        let call = WaitingCall(token: nextToken, amount: n, since: time, deadline: deadline)
        holders[index].lines[period, default: WaitingLine()].append(call)
        if isFree { send(index, want: 0) }
    }

    mutating func frozenCall(_ index: Int, _ n: Int64, lag: Int64) throws(SimFailure) {
        let (period, time) = (period, time(holders[index]))
        guard holders[index].lines[period]?.isEmpty ?? true else { return }
        let isOver = time >= holders[index].leases[period]?.expires ?? 0
        guard onLease(index, period, at: time - lag, { $0.take(n, now: time - lag) }) else { return }
        if isOver { allow(n, in: period, .frozen) }
        try admit(n, at: index, period: period)
    }

    mutating func record(_ index: Int, _ n: Int64) throws(SimFailure) {
        let (period, time) = (period, time(holders[index]))
        let before = holders[index].leases[period] ?? Lease()
        let lacking = onLease(index, period, at: time) { $0.spendAlways(n, now: time) }
        if dies(index) {
            // Killed between the two totals that it writes.
            holders[index].leases[period]?.spent = before.spent
            return
        }
        if dies(index) { return }
        allow(lacking, in: period, .recorded)
        try admit(n, at: index, period: period)
    }

    /// A call that Redis decides by itself. A reply that is lost leaves it counted and unanswered.
    mutating func decide(_ index: Int, _ n: Int64, isAnswered: Bool) throws(SimFailure) {
        let row = SimRow(holder: holders[index].name, hour: hour)
        let total = store.decide(
            n, key: key(period), hour: hour, bound: limits[store.versions[Self.tenant] ?? ""] ?? 0,
            holder: row.holder, run: runID, now: redisNow)
        guard let total else { return }
        guard isAnswered else {
            unanswered[row, default: 0] += n
            return
        }
        let none = HourTotals(hour: row.hour)
        holders[index].hours[row.hour, default: none].merge(HourTotals(hour: row.hour, decided: total))
        truth[row, default: none].decided += n
        admitted[period, default: 0] += n
        try checkLimit(period)
    }

    mutating func reserve(_ index: Int, _ n: Int64) {
        let (period, time) = (period, time(holders[index]))
        guard holders[index].lines[period]?.isEmpty ?? true else { return }
        let end = time + 8_000_000
        guard onLease(index, period, at: time, { $0.reserve(n, until: end, now: time) }) else { return }
        reservations.append(
            SimReservation(
                holder: index, incarnation: holders[index].incarnation, period: period, hour: hour, amount: n,
                end: end))
    }

    /// Settles a reservation in the period and hour in which it was made.
    mutating func commit(_ choice: Int, cost: Int64) throws(SimFailure) {
        guard !reservations.isEmpty else { return }
        let place = choice % reservations.count
        let reservation = reservations[place]
        let index = reservation.holder
        guard holders[index].works else { return }
        reservations.remove(at: place)
        guard holders[index].incarnation == reservation.incarnation else { return }
        let (period, time) = (reservation.period, time(holders[index]))
        let raised = onLease(index, period, at: time) {
            $0.settle(reserved: reservation.amount, cost: cost, now: time)
        }
        // After its end its units may be somebody else's.
        allow(time >= reservation.end ? cost : raised, in: period, .settledOver)
        if cost > 0 { try admit(cost, at: index, period: period, hour: reservation.hour) }
    }

    mutating func admit(_ n: Int64, at index: Int, period: Int64, hour given: Int64? = nil) throws(SimFailure) {
        let hour = given ?? min(hour, (period + 1) * calendar.hoursInPeriod - 1)
        let row = SimRow(holder: holders[index].name, hour: hour)
        let none = HourTotals(hour: hour)
        holders[index].hours[hour, default: none].consumed += n
        truth[row, default: none].consumed += n
        admitted[period, default: 0] += n
        try checkLimit(period)
    }
}
