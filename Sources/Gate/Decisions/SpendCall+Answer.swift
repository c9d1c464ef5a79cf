internal import Metering
internal import Reactor
internal import RedisLink

/// What Redis answers to a call that it decides.
extension SpendCall {
    /// Takes its part of the script's answer. False when that is not in the layout that `spend.lua` states.
    ///
    /// - Parameters:
    ///   - sentAt: when it was asked, on the boot clock.
    ///   - instant: what Redis's clock showed when it decided, in microseconds.
    func completed(_ answer: inout ScriptAnswer, sentAt: Int64, at instant: Int64) -> Bool {
        decidedAt = instant
        entry.callsUnderWay -= 1
        if isDone { server.metrics.add(.lateAnswers) }
        guard let status = answer.byte() else { return false }
        // An answer that was kept for an idempotency key is given without a look at the record.
        if status == 8 || (status == 0 && request.idempotency == nil) {
            server.directory.foundCurrent(entry, sentAt: sentAt)
        }
        // A command that Redis refused may have been the second of two.
        if status != 0 { endAsks(isUnchanged: status != 6) }
        if status == 8, !isDone { server.metrics.add(.decidedByRedis) }
        switch status {
        case 0: return decide(&answer, sentAt: sentAt)
        case 1 where mayAskAgain:
            // The gate's idea of Redis's clock was behind, as after an idle time or a step; now it is right.
            hasAskedAgain = true
            server.metrics.add(.expiredInRedis)
            server.directory.dispatch(self)
        case 1:
            if !isDone { server.metrics.add(.expiredInRedis) }
            storeFailed()
        case 2: if !isDone { server.directory.refresh(for: self) }
        case 3: finish(.failed(Self.otherArguments))
        case 4:
            guard let number = answer.short() else { return false }
            finish(.failed(ArgumentError.tooMuch(name(ofItem: number)).text))
        case 5:
            if !isDone { server.metrics.add(.strangersRefused) }
            finish(command.isAlwaysCounted ? .failed(Self.tooManyStrangers) : .refused(.unknownTenant))
        case 6:
            guard let text = answer.text() else { return false }
            server.queue.couldNotDecide(text)
            storeFailed()
        case 8:
            guard let used = answer.number(), readRows(&answer, count: 1) else { return false }
            counted(used)
        case 9: if !isDone { server.directory.dispatch(self) }
        case 10:
            // It would fit once holders gave back what they leased.
            guard let number = answer.short(), request.items.indices.contains(number - 1) else { return false }
            server.book.bringBack(self, item: number - 1)
        case 11: storeFailed()
        case 7: finish(.failed(Self.otherRelease))
        default: return false
        }
        return true
    }

    /// Redis changed nothing, and half of the time is left for another round trip. Once: a slow Redis is not asked
    /// twice.
    var mayAskAgain: Bool {
        !isDone && !hasAskedAgain && deadline - BootClock.now() > rules.configuration.deadline / 2
    }

    static let unknownTenant = "NOTENANT no such tenant, and the catalogue has no default plan"
    static let otherArguments = "BADARG ID: this key was used with other arguments"
    static let otherRelease = "ERR the answer to this key was stored by another release"
    private static let tooManyStrangers = "NOTENANT no such tenant, and no more unknown ones are taken: put it first"

    /// No answer will come.
    func failed() {
        entry.callsUnderWay -= 1
        endAsks(isUnchanged: false)
        storeFailed()
    }

    /// Redis did not decide: at the deadline, or earlier when it is known that it will not.
    func storeFailed() {
        guard !isDone else { return }
        // What is known here is told all the same.
        if command == .explain, entry.state == .ready {
            outcomes.removeAll(keepingCapacity: true)
            return finish(.decided)
        }
        let isDecision = request.idempotency == nil && !command.isAlwaysCounted && !command.isReading
        server.metrics.add(isDecision ? .degraded : .storeErrors)
        if isDecision { server.metrics.add(.decidedByPolicy) }
        finish(isDecision ? .degraded : .failed("STORE Redis did not answer within the deadline"))
    }

    /// The only meter was counted, and now stands at `used`.
    private func counted(_ used: Int64) {
        guard let slot = slots.first else { return }
        slot.lastUsed = used
        hear(used, ofItem: 0)
        outcomes.removeAll(keepingCapacity: true)
        outcomes.append(
            MeterOutcome(
                verdict: slot.verdict(used: used), used: used, limit: slot.limit, retryAfterMilliseconds: 0))
        finish(.decided)
    }

    private func decide(_ answer: inout ScriptAnswer, sentAt: Int64) -> Bool {
        guard let allowed = answer.byte().map({ Int8(bitPattern: $0) }) else { return false }
        if allowed < 0 {
            endAsks(isUnchanged: true)
            if !isDone { server.metrics.add(.decidedByRedis) }
            let isDecision = !command.isAlwaysCounted && !command.isReading
            finish(
                isDecision
                    ? .refused(DecisionReason(wireCode: -Int(allowed)) ?? .restricted)
                    : .failed(Self.unknownTenant))
            return true
        }
        outcomes.removeAll(keepingCapacity: true)
        for index in request.items.indices {
            guard let used = answer.number(), let code = answer.byte(), let verdict = Verdict(rawValue: Int64(code)),
                let retry = answer.number()
            else { return false }
            if index < slots.count {
                slots[index].lastUsed = used
                hear(used, ofItem: index)
            }
            outcomes.append(
                MeterOutcome(
                    verdict: verdict, used: max(0, used + unsettled(index) + unheard(index) - cellsInHand(index)),
                    limit: index < slots.count ? slots[index].limit : 0,
                    retryAfterMilliseconds: command.isReading ? told(retry, ofItem: index) : retry))
        }
        if request.idempotency != nil {
            for index in outcomes.indices {
                guard let limit = answer.number() else { return false }
                outcomes[index].limit = limit
            }
        }
        guard readRows(&answer, count: request.items.count) else { return false }
        if command == .reserve, allowed == 1 { return goOnReserving() }
        guard hearOfRates(isAllowed: allowed == 1, sentAt: sentAt) else {
            server.directory.dispatch(self)
            return true
        }
        if allowed == 0, command == .take { rememberRefusals() }
        if !isDone { server.metrics.add(.decidedByRedis) }
        finish(.decided)
        return true
    }

    /// The record holds, and the tenant has room: leases decide now.
    private func goOnReserving() -> Bool {
        entry.admittedUntil = server.loop.now + Self.admission
        guard !hasTriedHand else {
            finish(.failed(LeaseBook.noRoom))
            return true
        }
        hasTriedHand = true
        server.directory.dispatch(self)
        return true
    }

    /// How long a stranger is not asked about again: a part of the day that Redis remembers it for.
    private static let admission: Int64 = 3_600_000_000

    /// Redis says that a limit is used up: only a refund or another limit makes room now, and both are told.
    private func rememberRefusals() {
        for index in outcomes.indices where outcomes[index].verdict == .limitExceeded {
            lease(ofItem: index)?.refuse(
                request.items[index].amount, until: server.loop.now + rules.configuration.leases.horizon)
        }
    }

    /// It does not fit, and who has units it could take does not give them back.
    func refuse(_ item: Int) {
        outcomes.removeAll(keepingCapacity: true)
        for index in request.items.indices {
            let retry = index == item ? rules.configuration.leases.ttl / 1000 : 0
            let isKnown = index < slots.count
            outcomes.append(
                MeterOutcome(
                    verdict: index == item ? .limitExceeded : .ok, used: isKnown ? max(0, slots[index].lastUsed) : 0,
                    limit: isKnown ? slots[index].limit : 0, retryAfterMilliseconds: retry))
        }
        finish(.decided)
    }

    /// Keeps in the ledger what Redis counted for this holder.
    private func keepRows() {
        for index in decidedRows.indices where decidedRows[index].total > 0 && index < slots.count {
            guard let period = slots[index].period, decidedRows[index].hour * 3600 >= period.start else { continue }
            let name = Array(rules.catalogue.meters[request.items[index].meter].name.utf8)
            server.book.keepDecided(
                decidedRows[index].total, of: name, period: period, hour: decidedRows[index].hour, entry)
            // What it adds is used as of now, whatever the next sync will say.
            if rules === server.rules, let held = entry.leases[request.items[index].meter],
                held.key.period == period.start, index < outcomes.count
            {
                held.lease.hear(used: outcomes[index].used - unsettled(index))
            }
        }
    }

    /// What this holder has spent of a counter since Redis heard: it knows of it, and Redis does not yet. An answer
    /// that was kept for an ID is given again as it was.
    private func unsettled(_ index: Int) -> Int64 {
        lease(ofItem: index)?.lease.unacknowledged ?? 0
    }

    /// By how much what is in flight here differs from what Redis has heard.
    private func unheard(_ index: Int) -> Int64 {
        guard index < slots.count, slots[index].kind == .concurrency, rules === server.rules else { return 0 }
        return entry.leases[request.items[index].meter]?.lease.unheardReserved ?? 0
    }

    /// What Redis tells of a meter beside its usage, with what is known here and not there: what is reserved, or the
    /// milliseconds until a rate's burst is whole.
    private func told(_ number: Int64, ofItem index: Int) -> Int64 {
        guard index < slots.count else { return number }
        switch slots[index].kind {
        case .rate:
            let interval = rateItems.first { $0.index == index }?.rate.terms.rate?.intervalMicroseconds ?? 0
            return max(0, number - cellsInHand(index) * interval / 1000)
        case .counter: return max(0, number + (lease(ofItem: index)?.lease.unheardReserved ?? 0))
        case .concurrency: return max(0, number + unheard(index))
        case .level: return 0
        }
    }

    /// The lease beside which Redis has counted an item, in what was not answered before.
    func lease(ofItem index: Int) -> HeldLease? {
        guard request.idempotency == nil, rules === server.rules, index < slots.count, let period = slots[index].period,
            let held = entry.leases[request.items[index].meter], held.key.period == period.start
        else { return nil }
        return held
    }

    private func readRows(_ answer: inout ScriptAnswer, count: Int) -> Bool {
        decidedRows.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            guard let hour = answer.number(), let total = answer.number() else { return false }
            decidedRows.append((hour, total))
        }
        keepRows()
        return true
    }

    private func name(ofItem number: Int) -> String {
        guard request.items.indices.contains(number - 1) else { return "n" }
        return rules.catalogue.meters[request.items[number - 1].meter].name
    }
}
