internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// The round over the leases in hand: what is unsent is sent within the horizon, what runs low is refilled, what lies
/// idle goes back.
extension LeaseBook {
    /// So many steps make a round of a third of the horizon.
    private var stepsInRound: Int { max(1, Int(settings.horizon / 3 / Self.upkeepInterval)) }
    /// Leases looked after in one step at most: a fraction of a millisecond.
    private static let mostInStep = 8192

    /// One step of the round.
    func lookAfterLeases() {
        let count = min(Self.mostInStep, max(32, active.count / stepsInRound + 1))
        let second = server.redisSecond
        for _ in 0..<min(count, active.count) {
            guard syncs.hasRoom else { break }
            if upkeepCursor >= active.count { endRound() }
            guard upkeepCursor < active.count else { break }
            let held = active[upkeepCursor]
            upkeep.add(held)
            // A lease that goes leaves its place to the last one.
            if lookAfter(held, at: second) { upkeepCursor += 1 }
        }
        if upkeepCursor >= active.count { endRound() }
        syncs.askLearners(now: now)
        syncs.isDue = true
        if !active.isEmpty || partitions.isAnyLearning { upkeepTimer?.arm(at: now + Self.upkeepInterval) }
    }

    private func endRound() {
        upkeepCursor = 0
        metrics.set(.leases, active.count)
        metrics.set(.unsettledUnits, Int(clamping: upkeep.unsettledUnits))
        metrics.set(.unsettledAgeMs, upkeep.unsentSince == 0 ? 0 : Int((now - upkeep.unsentSince) / 1000))
        upkeep = UpkeepPass()
    }

    /// Sees to one lease. False if it needs no looking after any more.
    private func lookAfter(_ held: HeldLease, at second: Int64) -> Bool {
        // An own limit or a grant has run out: what is in hand by it goes back.
        if second >= held.entry.validUntil { server.directory.follow(held.entry) }
        if held.edition != partitions.edition(held.partition), partitions.edition(held.partition) > 0 {
            follow(held)
            list(held)
        }
        if !held.lease.isLive(now: now), held.lease.hasRest { strand(held) }
        if second >= held.terms.period.end, !held.isOver, held.line.isEmpty { letGo(held) }
        if second >= held.hourEnd, held.line.isEmpty, held.unconfirmed.isEmpty { held.endHour(in: ledger) }
        let isDone = held.isOver || isHandingBack || held.lease.isIdle(now: now, settings: settings)
        if isDone, held.line.isEmpty, held.lease.hasRest { giveBack(held) }
        let isBehind = !held.olderHours.isEmpty || !held.decidedHours.isEmpty
        if held.lease.wantsSync(now: now, settings: settings) || wantsHandingBack(held) {
            list(held)
        } else if isBehind, held.lease.isSilent(now: now, settings: settings) {
            list(held)
        } else if wantsRefill(held) {
            metrics.add(.refills)
            list(held)
        }
        guard isAtRest(held) else { return true }
        if held.isOver {
            ledger.lease(held.row).setSettled(true)
            retired[held.row] = nil
        }
        deactivate(held)
        return false
    }

    private func list(_ held: HeldLease) { syncs.list(held, isUrgent: false) }

    /// At the end nothing waits for the horizon: what came while the rest was handed back goes back at once.
    private func wantsHandingBack(_ held: HeldLease) -> Bool {
        isHandingBack && held.lease.isDirty && !held.lease.isInFlight(now: now, settings: settings)
    }

    private func wantsRefill(_ held: HeldLease) -> Bool {
        !held.isOver && !isHandingBack && held.terms.needsLease && !held.terms.isLeaseOff && !held.isListed
            && held.lease.wantsRefill(now: now, settings: settings)
    }

    /// The lease has ended with something unspent, because Redis did not answer in time.
    private func strand(_ held: HeldLease) {
        let before = held.lease.returned
        held.lease.expire(now: now)
        store(held)
        metrics.add(.strandedUnits, Int(clamping: held.lease.returned - before))
    }

    /// The period is over, and nobody has asked for the next one.
    private func letGo(_ held: HeldLease) {
        held.entry.forget(held)
        retire(held)
    }

    /// Whether there is nothing to spend, to send or to answer.
    func isAtRest(_ held: HeldLease) -> Bool {
        held.lease.reserved == 0 && isSettled(held)
    }

    /// Whether Redis knows all there is to know. Reservations go on without this process, until they end.
    private func isSettled(_ held: HeldLease) -> Bool {
        !held.lease.hasRest && !held.lease.isDirty && !held.hasUnsentHours(ledger) && held.line.isEmpty
            && held.unconfirmed.isEmpty && !held.isListed && held.syncsUnderWay == 0
            && held.edition == partitions.edition(held.partition)
    }

    // MARK: - At a clean stop

    /// Begins to give everything back. The gate has no clients any more.
    func handBack() {
        guard !isHandingBack else { return }
        isHandingBack = true
        for held in active {
            if held.lease.hasRest { giveBack(held) }
            if !isSettled(held) { syncs.list(held, isUrgent: true) }
        }
    }

    /// Whether Redis has everything, or cannot be told.
    var isHandedBack: Bool {
        guard server.redis.isReady else { return true }
        return syncs.isIdle && active.allSatisfy { isSettled($0) }
    }
}
