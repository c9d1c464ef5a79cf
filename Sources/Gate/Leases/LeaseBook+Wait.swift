internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// Calls that do not fit what is in hand: they wait in line while Redis is asked, whole or not at all.
extension LeaseBook {
    /// Puts a call, which `decide` has just looked at, in the lines of its leases, and asks.
    func wait(_ call: SpendCall) {
        call.stands(at: leases, token: makeToken(), since: now)
        guard server.redis.isReady else {
            call.leaveLines()
            return decideByPolicy(call)
        }
        guard !call.leases.contains(where: { partitions.isLearning($0.partition) && call.needsUnits(of: $0) }) else {
            // Nothing is granted now, as is known.
            call.leaveLines()
            return decideByPolicy(call)
        }
        joinLines(call)
    }

    /// A call that Redis decides did not fit beside what is leased of one of its meters: it waits until that much has
    /// come back here, gives it back and is decided again.
    func bringBack(_ call: SpendCall, item: Int) {
        guard !call.isDone else { return }
        guard call.entry.state == .ready else { return server.directory.dispatch(call) }
        guard !call.hasBroughtBack, call.rules === server.rules,
            let held = held(call.entry, call.request.items[item].meter, at: server.redisSecond)
        else { return call.refuse(item) }
        call.stands(at: [held], for: item, token: makeToken(), since: now)
        joinLines(call)
    }

    private func joinLines(_ call: SpendCall) {
        guard !call.leases.contains(where: { $0.line.count >= Self.longestLine }) else {
            call.leaveLines()
            return call.storeFailed()
        }
        let deadline = call.recallDeadline(settings)
        for (index, held) in call.leases.enumerated() {
            // What cannot be refused waits for news only.
            let amount = call.isAlwaysCounted(index) ? 0 : call.amount(index)
            held.line.append(WaitingCall(token: call.token, amount: amount, since: now, deadline: deadline))
            held.waiting[call.token] = call
            held.lineChanged()
            if held.line.count == 1 {
                held.hurriedSyncs = 0
                waitingLeases.append(held)
            }
            activate(held)
            if !held.lease.isInFlight(now: now, settings: settings) || held.line.count == 1 {
                syncs.list(held, isUrgent: true)
            }
        }
        if let askTimer, !askTimer.isArmed { askTimer.arm(at: now + Self.askInterval) }
    }

    /// Ends the calls at the front of a lease's line that can end now, and then those of the lines that this has moved.
    func serve(_ held: HeldLease) {
        toServe.append(held)
        guard !isServing else { return }
        isServing = true
        while let next = toServe.popLast() { serveFront(next) }
        isServing = false
    }

    private func serveFront(_ held: HeldLease) {
        // By an old record nothing is decided any more; who reads the new one asks again.
        guard held.entry.state == .ready else { return }
        // Nor by what has run out: all that wait are decided anew.
        guard server.redisSecond < held.entry.validUntil else { return server.directory.follow(held.entry) }
        while let front = held.line.first {
            guard let call = held.waiting[front.token] else {
                held.line.remove(token: front.token)
                held.lineChanged()
                continue
            }
            if call.isAbandoned {
                call.leaveLines()
                call.abandon()
            } else if fits(call) {
                spend(call)
            } else if let outcome = held.line.endOfFront(now: now) {
                end(call, outcome, at: held)
            } else {
                return
            }
        }
        // What was asked for unit by unit is not kept.
        if held.terms.isLeaseOff, held.lease.hasRest {
            giveBack(held)
            activate(held)
        }
    }

    /// Whether a call is the first in all its lines and fits everywhere.
    private func fits(_ call: SpendCall) -> Bool {
        for (index, held) in call.leases.enumerated() {
            guard held.line.first?.token == call.token else { return false }
            let needs = !call.isAlwaysCounted(index)
            guard needs ? call.amount(index) <= held.lease.unspent(now: now) : held.lease.isLive(now: now)
            else { return false }
        }
        return true
    }

    /// Counts a call that fits, and answers it.
    private func spend(_ call: SpendCall) {
        guard !call.isBringingBack else { return askRedis(call, all: false) }
        guard count(call) else { return }
        let others = call.leases
        call.leaveLines()
        finish(call, .decided)
        if others.count > 1 { for held in others { serve(held) } }
    }

    /// Spends a waiting call's amounts, and puts down what that comes to. False if some total would be too much: then
    /// the call has ended, and nothing was spent.
    func count(_ call: SpendCall) -> Bool {
        if call.command == .reserve { return reserve(call) }
        for (index, held) in call.leases.enumerated() where !held.takes(call.amount(index)) {
            call.leaveLines()
            call.finish(.failed(ArgumentError.tooMuch(held.key.meter).text))
            return false
        }
        call.outcomes.removeAll(keepingCapacity: true)
        for (index, held) in call.leases.enumerated() {
            let amount = call.amount(index)
            let used = held.lease.used + amount
            let isAlways = call.isAlwaysCounted(index) || amount > held.lease.unspent(now: now)
            if amount > 0 { spend(amount, held, isAlways: isAlways) }
            call.outcomes.append(
                MeterOutcome(
                    verdict: held.terms.verdict(used: used), used: used, limit: held.terms.limit,
                    retryAfterMilliseconds: 0))
        }
        return true
    }

    /// Answers a counted call; under `durability: redis` once Redis has confirmed it.
    func finish(_ call: SpendCall, _ ending: SpendCall.Ending) {
        metrics.add(.decidedByRedis)
        guard server.rules.configuration.confirmsWithRedis, call.command != .reserve else { return call.finish(ending) }
        confirm(call, ending)
    }

    private func end(_ call: SpendCall, _ outcome: WaitingOutcome, at held: HeldLease) {
        guard case .refused(let retryAt) = outcome else {
            call.leaveLines()
            return decideByPolicy(call)
        }
        guard !call.isBringingBack else {
            // Redis says so itself, and keeps the answer, if there is time to ask it.
            let hasTime = call.recallDeadline(settings) - now > settings.recallDeadline / 4
            return hasTime ? askRedis(call, all: true) : call.refuse(0)
        }
        let others = call.leases
        call.outcomes.removeAll(keepingCapacity: true)
        for other in call.leases {
            let isThis = other === held
            call.outcomes.append(
                MeterOutcome(
                    verdict: isThis ? .limitExceeded : .ok,
                    used: other.lease.used + (call.command == .reserve ? other.lease.reservedInAll : 0),
                    limit: other.terms.limit,
                    retryAfterMilliseconds: isThis ? retry(at: retryAt, held) : 0))
        }
        call.leaveLines()
        metrics.add(.decidedByRedis)
        call.finish(.decided)
        if others.count > 1 { for other in others where other !== held { serve(other) } }
    }

    /// What was brought back for a call goes to Redis just before the call itself.
    private func askRedis(_ call: SpendCall, all: Bool) {
        call.leaveLines()
        guard let held = call.leases.first else { return }
        call.hasBroughtBack = all
        if all { held.lease.giveBack() } else { held.lease.giveBack(call.amount(0)) }
        held.asksNothing = true
        store(held)
        syncs.list(held, isUrgent: true)
        server.directory.send(call)
        serve(held)
    }

    /// Milliseconds until an instant of Redis's clock; 0 stands for the end of the period.
    private func retry(at instant: Int64, _ held: HeldLease) -> Int64 {
        guard instant > 0 else { return untilRenewal(held) }
        return max(1, (instant - server.redis.clock.time(at: now) + 999) / 1000)
    }

    /// Calls that may wait at one lease. Past it a call fails at once.
    private static let longestLine = 16_384

    // MARK: - Asking again

    /// While somebody waits, Redis is asked again this often. That others gave back is told sooner as a rule.
    static let askInterval: Int64 = 4000

    func askAgain() {
        waitingLeases.removeAll { $0.line.isEmpty }
        for held in waitingLeases {
            serve(held)
            if !held.line.isEmpty, held.entry.state == .ready, !held.lease.isInFlight(now: now, settings: settings) {
                syncs.list(held, isUrgent: true)
            }
        }
        if !waitingLeases.isEmpty { askTimer?.arm(at: now + Self.askInterval) }
    }
}
