internal import Ledger
internal import Metering

/// Reservations made from leases: no lock, no allocation, no call into the kernel.
extension LeaseBook {
    /// Decides whether units can be set aside here and now, and does so. `reserved` has the number of the reservation.
    func decideReserve(_ request: borrowing SpendRequest, _ entry: TenantEntry) -> LocalDecision {
        guard !entry.isStranger || entry.isAdmitted(now) else { return .strict }
        if let refusal = entry.refusal { return isTrusted(entry, now) ? .refused(refusal) : .strict }
        let second = server.redisSecond
        outcomes.removeAll(keepingCapacity: true)
        leases.removeAll(keepingCapacity: true)
        var isAsking = false
        var isRefused = false
        for index in request.items.indices {
            let item = request.items[index]
            guard let held = held(entry, item.meter, at: second) else { return .strict }
            guard held.setsAside(item.amount) else { return .failed(tooMuch(item.meter)) }
            leases.append(held)
            switch take(item.amount, held, now) {
            case .verdict: outcomes.append(held.outcome(reserving: item.amount))
            case .asks:
                isAsking = true
                outcomes.append(held.outcome(reserving: item.amount))
            case .refusal(let verdict, let retry):
                isRefused = true
                outcomes.append(held.refusal(verdict, retry: retry))
            case .strict: return .strict
            case .tooMuch: return .failed(tooMuch(item.meter))
            }
        }
        if isRefused { return .decided }
        if isAsking { return .asks }
        guard let reservation = makeReservation(rows: leases.count, lasting: request.timeToLive) else {
            return .failed(Self.noRoom)
        }
        for index in leases.indices {
            guard set(request.items[index].amount, aside: leases[index], reservation, isAlways: false) else {
                return .failed(Self.noRoom)
            }
        }
        reservations.commence(reservation)
        reserved = reservation.number
        return .decided
    }

    static let noRoom = "BUSY the ledger has no room for another reservation: settle some, or raise ledger.slots"

    private func makeReservation(rows: Int, lasting microseconds: Int64) -> Reservation? {
        isLedgerDirty = true
        return reservations.begin(rows: rows, hour: server.redisSecond / 3600, end: now + microseconds)
    }

    /// Sets units of a lease aside. False when the ledger has no room: then the whole reservation is undone.
    private func set(
        _ amount: Int64, aside held: HeldLease, _ reservation: Reservation, isAlways: Bool
    ) -> Bool {
        guard reservations.addRow(reservation, held, amount) else {
            letGo(of: reservation)
            reservations.discard(reservation)
            return false
        }
        if isAlways || !held.terms.needsLease || !held.lease.reserve(amount, until: reservation.end, now: now) {
            let lacking = held.lease.reserveAlways(amount, until: reservation.end, now: now)
            held.store(in: ledger, isSpent: false)
            if lacking > 0, held.terms.needsLease { metrics.add(.overshootUnits, Int(clamping: lacking)) }
        }
        ledger.lease(held.row).addReserved(amount)
        activate(held)
        return true
    }

    /// Makes the reservation of a call that has waited for units. False if that has ended the call.
    func reserve(_ call: SpendCall) -> Bool {
        for (index, held) in call.leases.enumerated() where !held.setsAside(call.amount(index)) {
            call.leaveLines()
            call.finish(.failed(ArgumentError.tooMuch(held.key.meter).text))
            return false
        }
        let reservation = makeReservation(rows: call.leases.count, lasting: call.request.timeToLive)
        var isMade = reservation != nil
        call.outcomes.removeAll(keepingCapacity: true)
        for (index, held) in call.leases.enumerated() where isMade {
            let amount = call.amount(index)
            let isAlways = call.isAlwaysCounted(index) || amount > held.lease.unspent(now: now)
            guard let reservation else { break }
            isMade = set(amount, aside: held, reservation, isAlways: isAlways)
            call.outcomes.append(held.outcome(reserving: 0))
        }
        guard isMade, let reservation else {
            call.leaveLines()
            call.finish(.failed(Self.noRoom))
            return false
        }
        reservations.commence(reservation)
        call.reservation = reservation.number
        return true
    }

    // MARK: - Letting go

    /// Nothing that a reservation has set aside is held any more: it was given back, nobody settled it in time, or it
    /// could not be made whole.
    func letGo(of reservation: Reservation) {
        for index in reservation.items.indices { letGo(of: reservation.items[index]) }
    }

    /// Units that were set aside can be spent again.
    private func letGo(of item: Reservation.Item) {
        isLedgerDirty = true
        guard let held = item.held else {
            // Nobody holds the lease since the last start: what it had was given back then, and so is this.
            let row = ledger.lease(item.leaseRow)
            row.removeReserved(item.amount)
            row.returnUnspent()
            return
        }
        held.lease.settle(reserved: item.amount, cost: 0, now: now)
        held.store(in: ledger)
        ledger.lease(held.row).removeReserved(item.amount)
        freed(held)
    }

    /// Something of a lease can be spent again: whoever waits for it here or elsewhere gets it.
    func freed(_ held: HeldLease) {
        held.forgetRefusal()
        activate(held)
        if held.isOver {
            giveBack(held)
        } else if held.lease.isRecalled {
            recall(held)
        }
        if !held.line.isEmpty { serve(held) }
    }

    /// How long reservations of a row that is told still run, in microseconds.
    func reservedFor(_ rows: LedgerRows) -> Int64 {
        guard let row = rows.lease else { return 0 }
        let entry = server.directory.known(rows.key.tenant)
        let held = retired[row] ?? entry?.leases.first { $0?.row == row } ?? nil
        return held.map { max(0, $0.lease.reservedUntil - now) } ?? reservations.heldFor(row)
    }
}

extension HeldLease {
    /// What is used; of what is in flight, how much is.
    var usedOrInFlight: Int64 { terms.isConcurrency ? lease.reservedInAll : lease.used }

    /// Whether the totals hold so much more, whatever becomes of what is set aside by then (F17).
    func setsAside(_ amount: Int64) -> Bool {
        max(lease.used, lease.spent, lease.granted) <= Amount.largest - amount - lease.reservedInAll
    }

    /// What is used and set aside with so much more, which is what a reservation is answered with.
    func outcome(reserving amount: Int64) -> MeterOutcome {
        let used = lease.used + lease.reservedInAll + amount
        return MeterOutcome(
            verdict: terms.verdict(used: used), used: used, limit: terms.limit, retryAfterMilliseconds: 0)
    }

    /// What a call is answered that does not fit.
    func refusal(_ verdict: Verdict, retry: Int64) -> MeterOutcome {
        MeterOutcome(
            verdict: verdict, used: lease.used + lease.reservedInAll, limit: terms.limit,
            retryAfterMilliseconds: retry)
    }
}
