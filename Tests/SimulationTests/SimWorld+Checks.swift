@testable import Metering

/// What must hold after each step, and at the end when everything is whole again.
extension SimWorld {
    mutating func checkLimit(_ period: Int64) throws(SimFailure) {
        // What was given back without an answer makes room all the same.
        let sum = (admitted[period] ?? 0) - open(unansweredRefunds, period)
        let (cap, allowed) = (cap(period), allowed[period] ?? 0)
        guard sum <= cap + allowed else {
            throw SimFailure("period \(period): admitted \(sum), limit \(cap), allowed \(allowed)")
        }
    }

    /// Redis knows nothing that did not happen, and refuses only what does not fit.
    mutating func checkReply(_ reply: SyncReply, to request: SyncRequest) throws(SimFailure) {
        for (asked, told) in zip(request.items, reply.items) {
            let period = asked.key.period
            // A Redis that forgot may not know of refunds yet.
            let forgotten = hasRolledBack ? refunded[period] ?? 0 : 0
            let most = (admitted[period] ?? 0) + open(unanswered, period) + forgotten
            if told.used > most {
                throw SimFailure("period \(period): Redis counts \(told.used), and \(most) were admitted")
            }
            guard told.verdict == .refused else { continue }
            let rows = store.usages[asked.key]?.rows ?? [:]
            let out = rows.reduce(0) { sum, entry in
                sum + (entry.key == request.holder ? entry.value.reserved : entry.value.rest)
            }
            let own = asked.statement.granted - asked.statement.returned - asked.statement.spent
            let amount = asked.statement.need + own
            if most + out + amount <= asked.terms.bound {
                throw SimFailure(
                    "\(amount) refused when \(most) were admitted and \(out) leased of \(asked.terms.bound)")
            }
        }
    }

    /// What was done in a period without an answer.
    private func open(_ rows: [SimRow: Int64], _ period: Int64) -> Int64 {
        rows.reduce(0) { $0 + (calendar.period(hour: $1.key.hour) == period ? $1.value : 0) }
    }

    /// What a holder did in a period that Redis has not heard of.
    private func unknown(_ holder: String, _ period: Int64) -> Int64 {
        var sum: Int64 = 0
        for (row, totals) in truth where row.holder == holder && calendar.period(hour: row.hour) == period {
            let place = SyncStore.HourPlace(tenant: Self.tenant, meter: Self.meter, hour: row.hour)
            let heard = store.hours[place]?[holder] ?? HourTotals(hour: row.hour)
            sum += max(0, totals.consumed - heard.consumed) + max(0, totals.decided - heard.decided)
        }
        return sum
    }

    /// Stated exception: what the holder consumed within its lease and did not send, and what it has set aside.
    mutating func tolerate(_ reclaim: SyncStore.Reclaim) {
        let period = reclaim.key.period
        let reserved = holders.first { $0.name == reclaim.holder }?.leases[period]?.reserved ?? 0
        let amount = unknown(reclaim.holder, period) + max(0, reserved - reclaim.kept)
        allow(amount, in: period, .unsentAtReclaim)
    }

    /// Stated exception: learning is over, and some holders have not told what Redis forgot.
    mutating func tolerateSilence() {
        for name in Set(truth.keys.map(\.holder)).union(holders.map(\.name)).sorted() where !told.contains(name) {
            let holder = holders.first { $0.name == name }
            for period in Set(truth.keys.map { calendar.period(hour: $0.hour) }).union([period, Self.flight]).sorted() {
                let rows = store.usages[key(period)]?.rows[name]
                let reserved = max(0, (holder?.leases[period]?.reserved ?? 0) - (rows?.reserved ?? 0))
                allow(unknown(name, period) + reserved, in: period, .forgotten)
            }
        }
    }

    /// Heals everything, and holds Redis against the truth.
    mutating func finish() throws(SimFailure) {
        for index in holders.indices {
            holders[index].fuse = nil
            holders[index].isPaused = false
            if !holders[index].isUp { restart(index) }
        }
        while !network.isEmpty { try deliver(0) }
        for _ in 0..<6 {
            try advance(2_000_000)
            while !reservations.isEmpty { try commit(0, cost: 0) }
            while !held.isEmpty { letGo(0) }
            for index in holders.indices {
                for period in holders[index].periods { holders[index].leases[period]?.giveBack() }
                for _ in 0..<(isChunked ? 2 * holders[index].leases.count : 1) { try roundTrip(index, want: 0) }
            }
            while !network.isEmpty { try deliver(0) }
        }
        try checkCrossings()
        try touchEverything()
        for (key, usage) in store.usages {
            if usage.held != 0 { throw SimFailure("period \(key.period): \(usage.held) held after healing") }
        }
        try compareHours()
    }

    /// Leases of the lost end when somebody asks for their period.
    private mutating func touchEverything() throws(SimFailure) {
        try advance(14_000_000)
        let name = holders[0].name
        for key in store.usages.keys.sorted(by: { $0.period < $1.period }) {
            let row = store.usages[key]?.rows[name] ?? SyncStore.Row()
            let item = SyncRequest.Item(
                key: key, terms: LeaseTerms(bound: 0, version: "", isBilled: true, keptUntil: 0),
                statement: LeaseStatement(granted: row.granted, returned: row.returned, spent: row.spent), hours: [])
            // As long as a reservation runs at most, which a step of the clock may have begin anew.
            for _ in 0..<(key.period == Self.flight ? 50 : 20) {
                _ = store.sync(
                    SyncRequest(
                        holder: name, life: store.currentLife, notAfter: Int64.max, sentAt: 0, items: [item]),
                    run: runID, now: redisNow)
                try advance(500_000)
            }
        }
    }

    private func compareHours() throws(SimFailure) {
        for (row, totals) in truth {
            let isLost = lost.contains(row.holder)
            // A ledger lost and a Redis rolled back: nobody knows any more.
            if isLost, hasRolledBack { continue }
            let place = SyncStore.HourPlace(tenant: Self.tenant, meter: Self.meter, hour: row.hour)
            let got = store.hours[place]?[row.holder] ?? HourTotals(hour: row.hour)
            let open = unanswered[row] ?? 0
            let isDecidedRight =
                got.decided >= totals.decided - (isLost ? totals.decided : 0)
                && got.decided <= totals.decided + open
            let openRefunds = unansweredRefunds[row] ?? 0
            let isRefundRight =
                got.refunded >= totals.refunded - (isLost ? totals.refunded : 0)
                && got.refunded <= totals.refunded + openRefunds
            guard isRefundRight, isLost ? got.consumed <= totals.consumed : got.consumed == totals.consumed,
                isDecidedRight
            else {
                throw SimFailure("hour \(row.hour) of \(row.holder): Redis has \(got), admitted were \(totals)")
            }
        }
        // Units that were given back, and that nobody knows of any more.
        let isForgotten = hasRolledBack && !(lost.isEmpty && unanswered.isEmpty)
        for (place, rows) in store.hours where !isForgotten {
            let net = rows.values.reduce(0) { $0 + $1.net }
            if net < 0 { throw SimFailure("hour \(place.hour): \(net)") }
        }
        for (key, usage) in store.usages {
            let sum = store.hours.reduce(0) { sum, entry in
                calendar.period(hour: entry.key.hour) == key.period
                    ? sum + entry.value.values.reduce(0) { $0 + $1.net } : sum
            }
            guard usage.used == sum else {
                throw SimFailure("period \(key.period): used \(usage.used), and its hours add up to \(sum)")
            }
            if usage.used < 0, !isForgotten { throw SimFailure("period \(key.period): used \(usage.used)") }
        }
    }
}
