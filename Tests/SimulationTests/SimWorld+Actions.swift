@testable import Metering

/// The steps of a history.
extension SimWorld {
    mutating func perform(_ action: SimAction) throws(SimFailure) {
        switch action {
        case .advance(let duration): try advance(duration)
        case .deliver(let choice): if !network.isEmpty { try deliver(choice % network.count) }
        case .repeatMessage(let choice): if !network.isEmpty { network.append(network[choice % network.count]) }
        case .drop(let choice): if !network.isEmpty { network.remove(at: choice % network.count) }
        case .commit(let choice, let cost): try commit(choice, cost: cost)
        case .letGo(let choice): letGo(choice)
        case .restart(let index): restart(index)
        case .loseLedger(let index): loseLedger(index)
        case .resume(let index): holders[index].isPaused = false
        case .kill(let index, let points): holders[index].fuse = holders[index].isUp ? points : nil
        case .jump(let index, let duration): holders[index].clockOffset += duration
        case .snapshot: snapshots.append(store)
        case .rollback(let choice): rollBack(to: choice, sameRun: false)
        case .flushAll: rollBack(to: 0, sameRun: true)
        case .stepRedis(let duration): redisOffset += duration
        case .limit(let limit): setLimit(limit)
        case .call(let index, _), .frozenCall(let index, _, _), .record(let index, _), .decide(let index, _, _),
            .refund(let index, _, _), .reserve(let index, _), .hold(let index, _), .sync(let index, _),
            .roundTrip(let index, _),
            .giveBack(let index),
            .pause(let index), .recycle(let index):
            if holders[index].works { try performAtHolder(action) }
        }
    }

    private mutating func performAtHolder(_ action: SimAction) throws(SimFailure) {
        switch action {
        case .call(let index, let n): try call(index, n)
        case .frozenCall(let index, let n, let lag): try frozenCall(index, n, lag: lag)
        case .record(let index, let n): try record(index, n)
        case .decide(let index, let n, let isAnswered): try decide(index, n, isAnswered: isAnswered)
        case .refund(let index, let n, let isAnswered): try refund(index, n, isAnswered: isAnswered)
        case .reserve(let index, let n): reserve(index, n)
        case .hold(let index, let n): try hold(index, n)
        case .sync(let index, let want): send(index, want: want)
        case .roundTrip(let index, let want): try roundTrip(index, want: want)
        case .giveBack(let index):
            holders[index].leases[period]?.giveBack()
            holders[index].leases[Self.flight]?.giveBack()
            send(index, want: 0)
        case .pause(let index): holders[index].isPaused = true
        case .recycle(let index): recycle(index)
        default: break
        }
    }

    mutating func restart(_ index: Int) {
        if holders[index].isUp { holders[index].die() }
        holders[index].isUp = true
        reload(index)
        // The journal of reservations says until when they run.
        for reservation in reservations + held
        where reservation.holder == index && reservation.incarnation == holders[index].incarnation {
            let known = holders[index].leases[reservation.period]?.reservedUntil ?? 0
            holders[index].leases[reservation.period]?.reservedUntil = max(known, reservation.end)
        }
    }

    /// The disk is gone; the sidecar comes back at once with a new one.
    mutating func loseLedger(_ index: Int) {
        incarnations += 1
        lost.insert(holders[index].name)
        held.removeAll { $0.holder == index }
        holders[index].loseLedger(incarnation: incarnations, name: name(holders[index].holderID, incarnations))
        restart(index)
    }

    /// Hours that Redis has and that are over leave the ledger. A backup from before that is outside the promise.
    private mutating func recycle(_ index: Int) {
        // An open reservation will be settled in its hour, which would begin at zero again.
        let open = reservations.filter { $0.holder == index }.map(\.hour)
        let old = holders[index].hours.values.filter {
            $0.hour < hour - 1 && !open.contains($0.hour) && holders[index].acknowledged[$0.hour] == $0
                && isKnown($0, of: holders[index].name)
        }
        guard !old.isEmpty else { return }
        for totals in old { holders[index].hours[totals.hour] = nil }
        snapshots = []
        hasRecycled = true
    }

    private func isKnown(_ totals: HourTotals, of holder: String) -> Bool {
        let place = SyncStore.HourPlace(tenant: Self.tenant, meter: Self.meter, hour: totals.hour)
        guard let known = store.hours[place]?[holder] else { return false }
        return known.consumed >= totals.consumed && known.refunded >= totals.refunded
    }

    /// Redis comes back with what it knew at an earlier time, or goes on with nothing under the same run id. Never from
    /// before an hour left a ledger: that is outside the promise.
    private mutating func rollBack(to choice: Int, sameRun: Bool) {
        if sameRun {
            guard !hasRecycled else { return }
            // Two lives of one run differ by the instant of their birth.
            now += 1
            let versions = store.versions
            store = SyncStore(settings: Self.settings, rules: rules)
            store.versions = versions
        } else {
            guard !snapshots.isEmpty else { return }
            store = snapshots[choice % snapshots.count]
            run += 1
        }
        hasRolledBack = true
        lapses += 1
        let limit = limits[store.versions[Self.tenant] ?? ""] ?? 0
        for period in caps.keys where limit > caps[period] ?? 0 {
            exceptions[.lowered, default: 0] += limit - (caps[period] ?? 0)
            caps[period] = limit
        }
    }
}
