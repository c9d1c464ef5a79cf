internal import Ledger
internal import Metering
internal import RESP
internal import Reactor

/// Settling reservations: each counts once, in the period and hour in which it was made.
extension LeaseBook {
    func settle(_ command: SpendCall.Command, _ settlement: borrowing Settlement) -> SettlementResult {
        guard let reservation = reservations.find(settlement.number) else { return settleEnded(command, settlement) }
        guard attach(reservation) else { return .needsLeases(entry(of: reservation)) }
        switch command {
        case .extend:
            reservations.extend(reservation, to: now + settlement.timeToLive)
            for index in reservation.items.indices {
                if let held = reservation.items[index].held { activate(held) }
            }
            isLedgerDirty = true
            return .ok
        case .release:
            reservations.setState(of: reservation, .released)
            letGo(of: reservation)
            reservations.close(reservation)
            return .ok
        default: return commit(reservation, settlement)
        }
    }

    /// Sees to it that the leases of a reservation are in memory, which they are unless it was made before a restart.
    private func attach(_ reservation: Reservation) -> Bool {
        guard !reservation.isAttached else { return true }
        let entry = entry(of: reservation)
        guard entry.state == .ready, !entry.areLeasesBehind else { return false }
        for index in reservation.items.indices where reservation.items[index].held == nil {
            let row = reservation.items[index].row
            guard let place = ledger.place(of: row) else { return false }
            let name = ledger.withNames(of: row) { _, meter in Array(copying: meter) }
            guard let held = heldForRow(entry, name, period: Int64(place.periodStart) * 60, hour: Int64(place.hour))
            else { return false }
            reservations.attach(held)
        }
        return reservation.isAttached
    }

    private func entry(of reservation: Reservation) -> TenantEntry { entry(ofRow: reservation.items[0].row) }

    private func entry(ofRow row: SlotIndex) -> TenantEntry {
        ledger.withNames(of: row) { tenant, _ in server.directory.entry(for: tenant) }
    }

    // MARK: - Commit

    private func commit(_ reservation: Reservation, _ settlement: borrowing Settlement) -> SettlementResult {
        if let problem = problem(with: settlement, of: reservation) { return .failed(problem) }
        counts.removeAll(keepingCapacity: true)
        chargeSuccessors(of: reservation, settlement)
        // All is written down before any of it is done, and the first row's state last: see ReservationSlot.
        for place in 1...reservation.items.count {
            let item = reservation.items[reservation.items.count - place]
            guard let held = item.held else { continue }
            let cost = cost(of: item, held, settlement)
            let row = ledger.reservation(item.row)
            let hour = bearer(of: held, reservation) === held ? hourRow(of: held, reservation.hour) : nil
            row.setTotals(
                spent: hour == nil ? 0 : ledger.lease(held.row).spent + cost,
                consumed: hour.map { ledger.usage($0).consumed + cost } ?? 0)
            row.setState(.committed(cost: cost))
        }
        for index in reservation.items.indices {
            let item = reservation.items[index]
            guard let held = item.held else { continue }
            let cost = cost(of: item, held, settlement)
            let bearer = bearer(of: held, reservation)
            charge(bearer === held ? cost : 0, to: held, item, reservation)
            counts.append(
                CountRow(
                    meter: held.meterName, counted: cost, used: bearer.usedOrInFlight, limit: bearer.terms.limit))
        }
        for index in reservation.items.indices {
            if let held = reservation.items[index].held { freed(held) }
        }
        // To be confirmed; set last, since calls that are served now have leases of their own.
        leases.removeAll(keepingCapacity: true)
        for index in reservation.items.indices {
            if let held = reservation.items[index].held { leases.append(bearer(of: held, reservation)) }
        }
        reservations.close(reservation)
        isLedgerDirty = true
        return .counted
    }

    /// Counts what belongs to periods that have begun since. Before the commit is written down: a kill in between may
    /// count an unanswered call twice, and never lose one.
    private func chargeSuccessors(of reservation: Reservation, _ settlement: borrowing Settlement) {
        for index in reservation.items.indices {
            let item = reservation.items[index]
            guard let held = item.held else { continue }
            let bearer = bearer(of: held, reservation)
            let cost = cost(of: item, held, settlement)
            if bearer !== held, cost > 0 { spend(cost, bearer, isAlways: true) }
        }
    }

    private func cost(of item: Reservation.Item, _ held: HeldLease, _ settlement: borrowing Settlement) -> Int64 {
        if held.terms.isConcurrency { return 0 }
        return settlement.cost(of: server.rules.meterIndex(of: held)) ?? item.amount
    }

    /// Why a commit cannot be carried out; nil if it can. Nothing has changed then.
    private func problem(with settlement: borrowing Settlement, of reservation: Reservation) -> String? {
        for place in reservation.items.indices {
            let item = reservation.items[place]
            if let held = item.held, !held.takes(cost(of: item, held, settlement)) {
                return ArgumentError.tooMuch(held.key.meter).text
            }
        }
        for index in settlement.costs.indices {
            let meter = settlement.costs[index].meter
            let name = server.rules.catalogue.meters[meter].name
            var isKnown = false
            for place in reservation.items.indices {
                guard let held = reservation.items[place].held,
                    server.rules.meterIndex(of: held) == meter
                else { continue }
                isKnown = true
                if held.terms.isConcurrency {
                    return ArgumentError.bad(name, "COMMIT gives it back, and it costs nothing: leave it out").text
                }
            }
            if !isKnown { return ArgumentError.bad(name, "is not part of this reservation").text }
        }
        return nil
    }

    /// Counts what a reservation cost of one meter in its own period, and gives back the rest.
    private func charge(_ cost: Int64, to held: HeldLease, _ item: Reservation.Item, _ reservation: Reservation) {
        let now = server.loop.now
        let lacking = held.lease.settle(reserved: item.amount, cost: cost, now: now)
        held.store(in: ledger, isSpent: false)
        if lacking > 0, held.terms.needsLease { metrics.add(.overshootUnits, Int(clamping: lacking)) }
        if cost > 0 {
            ledger.lease(held.row).addSpent(cost)
            if let row = hourRow(of: held, reservation.hour) {
                ledger.usage(row).addConsumed(cost)
                noteAdded(row, reservation.hour, held)
            }
            if held.unsentSince == 0 { held.unsentSince = now }
        }
        ledger.lease(held.row).removeReserved(item.amount)
        // With an ended lease's rest, which went back when its units were let go.
        held.store(in: ledger)
    }

    /// Has an hour that is not the one in hand sent again, and remembered for a period that may follow in it.
    private func noteAdded(_ row: SlotIndex, _ hour: Int64, _ held: HeldLease) {
        if row != held.hourRow { held.addOlderHour(hour, row) }
        if held.isOver { held.entry.endHour(held.key.meter, hour, consumed: ledger.usage(row).consumed) }
    }

    /// The lease that a reservation's cost counts in: its own, or that of a period which has begun since in the same
    /// hour. Such an hour has one total, which the period in hand goes on with.
    private func bearer(of held: HeldLease, _ reservation: Reservation) -> HeldLease {
        guard held.isOver, let next = successor(of: held), next.hour == reservation.hour else { return held }
        return next
    }

    private func successor(of held: HeldLease) -> HeldLease? {
        guard let meter = server.rules.meterIndex(of: held), held.entry.leases.indices.contains(meter),
            let next = held.entry.leases[meter], next !== held, next.hourRow != nil
        else { return nil }
        return next
    }

    /// The row of the hour that a reservation counts in. The ledger keeps it as long as the reservation is open.
    private func hourRow(of held: HeldLease, _ hour: Int64) -> SlotIndex? {
        if held.terms.isConcurrency { return nil }
        if held.hour == hour, let row = held.hourRow { return row }
        let place = SlotPlace.usage(
            periodStart: UInt32(clamping: held.key.period / 60), hour: UInt32(clamping: hour))
        guard let row = makeRow(place, held.entry, held.meterName, reserve: true)?.row else { return nil }
        if held.isOver { catchUp(row, of: held, hour) }
        return row
    }

    /// Has an hour's row of a period that is over go on from what was counted in that hour since: Redis takes no
    /// smaller total of it.
    private func catchUp(_ row: SlotIndex, of held: HeldLease, _ hour: Int64) {
        ledger.usage(row).raiseConsumed(to: held.entry.consumed(held.key.meter, in: hour) ?? 0)
        let (tenant, meter) = (held.entry.id, held.meterName)
        let pair = ledger.tenantHash(tenant.span).pair(ledger.meterHash(meter.span))
        if let next = successor(of: held) {
            let place = SlotPlace.usage(
                periodStart: UInt32(clamping: next.key.period / 60), hour: UInt32(clamping: hour))
            if let other = ledger.find(pair.key(place)) {
                ledger.usage(row).raiseConsumed(to: ledger.usage(other).consumed)
            }
        }
        if held.terms.isShorterThanHour {
            ledger.usage(row).raiseConsumed(to: mostConsumed(pair, in: hour, before: (hour + 1) * 3600))
        }
    }

    // MARK: - What is over

    private func settleEnded(_ command: SpendCall.Command, _ settlement: borrowing Settlement) -> SettlementResult {
        guard let (state, rows) = reservations.ended(settlement.number) else {
            return .failed("NORESERVATION unknown here: it was never made, or ended long ago")
        }
        switch (command, state) {
        case (.release, .released), (.release, .expired): return .ok
        case (.commit, .committed): return repeatCommit(settlement, rows)
        case (.commit, .expired): return commitLate(settlement, rows)
        case (_, .committed): return .failed("NORESERVATION it was committed: REFUND gives usage back")
        case (_, .released): return .failed("NORESERVATION it was released")
        case (_, .expired): return .failed("NORESERVATION it ended at its TTL, and its units went back")
        case (_, .open): return .failed("NORESERVATION unknown here: it was never made whole")
        }
    }

    /// The same commit again counts nothing, and is told what the first one counted.
    private func repeatCommit(_ settlement: borrowing Settlement, _ rows: [SlotIndex]) -> SettlementResult {
        counts.removeAll(keepingCapacity: true)
        leases.removeAll(keepingCapacity: true)
        for row in rows {
            guard case .committed(let cost) = ledger.reservation(row).state, let place = ledger.place(of: row) else {
                return .failed("NORESERVATION unknown here: it was never made whole")
            }
            let name = ledger.withNames(of: row) { _, meter in Array(copying: meter) }
            let meter = server.rules.meterIndex(name.span)
            if let stated = settlement.cost(of: meter), stated != cost {
                return .failed("BADARG \(String(decoding: name, as: UTF8.self)): was committed at \(cost) already")
            }
            let entry = entry(ofRow: row)
            let held = meter.flatMap { entry.leases.indices.contains($0) ? entry.leases[$0] : nil }
            let isCurrent = held.map { $0.key.period == Int64(place.periodStart) * 60 } ?? false
            if isCurrent, let held { leases.append(held) }
            counts.append(
                CountRow(
                    meter: name, counted: cost,
                    used: isCurrent ? held?.usedOrInFlight ?? 0 : ledger.reservation(row).spentTotal,
                    limit: isCurrent ? held?.terms.limit ?? -1 : -1))
        }
        return .counted
    }

    /// A commit after its end is usage after the fact. Its own id makes it count once.
    private func commitLate(_ settlement: borrowing Settlement, _ rows: [SlotIndex]) -> SettlementResult {
        var request = SpendRequest()
        var words = ["commit"]
        for row in rows {
            let name = ledger.withNames(of: row) { _, meter in Array(copying: meter) }
            let text = String(decoding: name, as: UTF8.self)
            guard let meter = server.rules.meterIndex(name.span) else {
                return .failed("NOMETER no meter named \(text) in the plan catalogue any more")
            }
            guard server.rules.isCounter[meter] else { continue }
            let cost = settlement.cost(of: meter) ?? ledger.reservation(row).amount
            request.items.append(SpendCall.Item(meter: meter, amount: cost))
            words += [text, String(cost)]
            if let place = ledger.place(of: row) {
                request.instant = max(Int64(place.hour) * 3600, Int64(place.periodStart) * 60)
            }
        }
        for cost in settlement.costs where !request.items.contains(where: { $0.meter == cost.meter }) {
            let name = server.rules.catalogue.meters[cost.meter].name
            return .failed(ArgumentError.bad(name, "is not part of this reservation").text)
        }
        guard !request.items.isEmpty else {
            return .failed("NORESERVATION it ended at its TTL, and its units went back")
        }
        request.leastMemory = 2 * ReservationBook.memory / 1000
        // No client's key has a space in it.
        request.idempotency = ("reservation \(reservations.text(settlement.number))", words.joined(separator: " "))
        return .late(entry(ofRow: rows[0]), request)
    }
}

extension OutputBuffer {
    /// Appends what a commit counted.
    mutating func append(counts rows: borrowing [CountRow]) {
        appendArrayHeader(rows.count)
        for index in rows.indices {
            let row = rows[index]
            appendArrayHeader(4)
            append(bulk: row.meter.span)
            append(integer: row.counted)
            append(integer: row.used)
            append(integer: row.limit < 0 ? 0 : max(0, row.used - row.limit))
        }
    }
}
