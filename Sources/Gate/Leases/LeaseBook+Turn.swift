internal import Ledger
internal import Logging
internal import Metering
internal import Reactor
internal import RedisLink

/// Somebody who wants to know when Redis has all that was spent until then.
struct Settling {
    let deadline: Int64
    let leases: [(held: HeldLease, spent: Int64)]
    /// Told whether Redis has it.
    let done: (Bool) -> Void

    var isAcknowledged: Bool { leases.allSatisfy { $0.held.lease.isAcknowledged($0.spent) } }
}

/// The book in the gate's turns, and at its end.
extension LeaseBook {
    /// Slots that a step of the sweep looks at, which takes some tens of microseconds.
    private static let sweptInStep = 2_000

    /// Redis is connected: what it remembers may be another memory than before.
    func connected() {
        syncs.ask(Array(0..<partitions.count), now: now)
        if !partitions.untold.isEmpty { resend.begin() }
    }

    /// Sends what is due, and under `durability: power` sees the turn's totals to the disk before anything of it goes
    /// out.
    func endTurn() {
        syncs.send(now: now)
        guard isLedgerDirty else { return }
        isLedgerDirty = false
        guard isPowerSafe else { return }
        do throws(LedgerError) {
            try ledger.sync()
        } catch {
            // Nothing is known of what the disk has: no answer may say that something is kept.
            server.fail(error)
        }
    }

    /// Tells Redis everything that it may not have, and calls `done` once it has, or when time is up. What is in the
    /// ledger alone, as after a restart, belongs to it.
    func settle(by deadline: Int64, _ done: @escaping (Bool) -> Void) {
        let unsent = active.filter { $0.hasUnsent(ledger) }
        for held in unsent { syncs.list(held, isUrgent: true) }
        settling.append(Settling(deadline: deadline, leases: unsent.map { ($0, $0.lease.spent) }, done: done))
        if let settleTimer, !settleTimer.isArmed { settleTimer.arm(at: now + Self.settleInterval) }
    }

    func checkSettled() {
        let isTold = partitions.areAllTold
        let ended = settling.filter { $0.deadline <= now || isTold && $0.isAcknowledged }
        settling.removeAll { $0.deadline <= now || isTold && $0.isAcknowledged }
        for entry in ended { entry.done(isTold && entry.isAcknowledged) }
        if !settling.isEmpty { settleTimer?.arm(at: now + Self.settleInterval) }
    }

    private static let settleInterval: Int64 = 2000

    /// Lets go of some rows that are no longer needed; called ten times a second, so that a million are done in a
    /// minute, and no call waits for it.
    func sweep() {
        let count = min(Self.sweptInStep, ledger.statistics.slotCount)
        letGoOldLeases(count)
        ledger.sweep(currentHour: currentHour, limit: count)
    }

    /// Sees whether Redis has forgotten, and how full the ledger is; called once a second.
    func checkUp() {
        if !isHandingBack { syncs.askInTurn(now: now) }
        untoldCalls.removeAll { $0.isDone }
        let statistics = ledger.statistics
        metrics.set(.ledgerSlots, statistics.slotCount)
        let used = statistics.slotCount - statistics.freeCount
        metrics.set(.ledgerSlotsUsed, used)
        metrics.set(.ledgerBytes, (statistics.fileBytes + statistics.memoryBytes) / statistics.slotCount * used)
        metrics.set(.ledgerRetentionHours, statistics.retentionShrunkTo ?? statistics.retentionHours)
    }

    /// Answers a call that `decide` has just decided.
    func answer(_ call: SpendCall) {
        if call.command == .reserve { call.reservation = reserved }
        let isCounted =
            call.command != .check && call.command != .reserve
            && !outcomes.contains { $0.verdict.reason.refusalPriority != nil }
        call.outcomes = outcomes
        metrics.add(.decidedByLease)
        guard isCounted, !leases.isEmpty, server.rules.configuration.confirmsWithRedis else {
            return call.finish(.decided)
        }
        call.stands(at: leases)
        confirm(call, .decided)
    }

    /// Puts everything on the disk. The gate's loop has ended.
    func close() {
        for entry in settling { entry.done(false) }
        settling = []
        for held in active where held.lease.hasRest { giveBack(held) }
        do throws(LedgerError) {
            try ledger.close()
        } catch {
            log.error("the ledger could not be closed: \(error)")
        }
    }
}
