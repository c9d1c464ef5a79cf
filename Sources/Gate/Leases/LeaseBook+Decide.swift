internal import Ledger
internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// What can be said of a call in this holder's own memory.
enum LocalDecision {
    /// The book's `outcomes` say what was decided, and it is counted.
    case decided
    /// The call as a whole is refused, whatever its meters.
    case refused(DecisionReason)
    /// It may fit, once Redis was asked for units or for news.
    case asks
    /// Only Redis can decide it.
    case strict
    /// An error reply.
    case failed(String)
}

/// Decisions from leases: no lock, no allocation, no call into the kernel.
extension LeaseBook {
    /// Decides a call of a tenant whose record is known, if that can be done here and now.
    func decide(_ command: SpendCall.Command, _ request: borrowing SpendRequest, _ entry: TenantEntry) -> LocalDecision
    {
        if command == .reserve { return decideReserve(request, entry) }
        guard request.idempotency == nil, request.instant == nil, !entry.isStranger else { return .strict }
        guard command == .take || command == .check || command == .record else { return .strict }
        let now = server.loop.now
        if let refusal = entry.refusal, command != .record || refusal == .unknownTenant {
            // A restriction may have been lifted: it is believed for as long as a total may stay unsent.
            return command != .record && isTrusted(entry, now) ? .refused(refusal) : .strict
        }
        let second = server.redisSecond
        outcomes.removeAll(keepingCapacity: true)
        leases.removeAll(keepingCapacity: true)
        var isAsking = false
        var isRefused = false
        for index in request.items.indices {
            let item = request.items[index]
            guard server.rules.isCounter[item.meter] else {
                return decideWithRates(command, request, entry, at: second)
            }
            // To be looked at is no reason for a row in the ledger.
            guard command != .check || entry.leases[item.meter] != nil, let held = held(entry, item.meter, at: second)
            else { return .strict }
            leases.append(held)
            let finding =
                switch command {
                case .take: take(item.amount, held, now)
                case .record: count(item.amount, held, now)
                default: check(item.amount, held, now)
                }
            switch finding {
            case .verdict(let verdict): append(verdict, held)
            case .asks:
                isAsking = true
                append(.ok, held)
            case .refusal(let verdict, let retry):
                isRefused = true
                append(verdict, held, retry)
            case .strict: return .strict
            case .tooMuch: return .failed(tooMuch(item.meter))
            }
        }
        if isRefused { return .decided }
        if isAsking { return .asks }
        finish(command, request)
        return .decided
    }

    /// What was found of one meter.
    enum Finding {
        case verdict(Verdict)
        case refusal(Verdict, retry: Int64)
        case asks
        case strict
        case tooMuch
    }

    /// Counts what was found to fit, and brings the outcomes up to date.
    private func finish(_ command: SpendCall.Command, _ request: borrowing SpendRequest) {
        for index in leases.indices {
            let amount = request.items[index].amount
            outcomes[index].used += amount
            if command != .check, amount > 0 { spend(amount, leases[index], isAlways: command == .record) }
        }
    }

    /// Spends what was found to fit, or what is counted whatever fits.
    func spend(_ amount: Int64, _ held: HeldLease, isAlways: Bool) {
        let now = server.loop.now
        if isAlways || !held.terms.needsLease || !held.lease.take(amount, now: now) {
            let lacking = held.lease.spendAlways(amount, now: now)
            // Before it is spent, so that no kill leaves more spent than granted.
            held.store(in: ledger, isSpent: false)
            if lacking > 0, held.terms.needsLease { metrics.add(.overshootUnits, Int(clamping: lacking)) }
        }
        held.count(amount, in: ledger)
        if held.isOver { countInSuccessor(amount, of: held) }
        isLedgerDirty = true
        if held.unsentSince == 0 { held.unsentSince = now }
        if held.place < 0 { activate(held) }
    }

    /// A call that had waited when its period ended is counted in that one; the hour's total goes on in the next one's
    /// row.
    private func countInSuccessor(_ amount: Int64, of held: HeldLease) {
        held.noteHour(in: ledger)
        for case .some(let next) in held.entry.leases where next.key.meter == held.key.meter && next.hour == held.hour {
            if let row = next.hourRow { ledger.usage(row).addConsumed(amount) }
        }
    }

    func take(_ amount: Int64, _ held: HeldLease, _ now: Int64) -> Finding {
        let terms = held.terms
        guard terms.isInPlan else {
            return isTrusted(held.entry, now) ? .refusal(.notInPlan, retry: MeterOutcome.neverRetry) : .strict
        }
        guard terms.needsLease else { return count(amount, held, now) }
        if held.line.isEmpty, !terms.isLeaseOff, amount <= held.lease.unspent(now: now) {
            return .verdict(terms.verdict(used: held.lease.used + amount))
        }
        if amount > terms.bound {
            return isTrusted(held.entry, now) ? .refusal(.tooLarge, retry: MeterOutcome.neverRetry) : .strict
        }
        if held.isRefused(amount, now: now) { return .refusal(.limitExceeded, retry: untilRenewal(held)) }
        return .asks
    }

    /// What no limit refuses is only counted; once in a while Redis is asked whether that is still so.
    private func count(_ amount: Int64, _ held: HeldLease, _ now: Int64) -> Finding {
        guard held.line.isEmpty, isKnown(held, now) else { return .asks }
        guard held.takes(amount) else { return .tooMuch }
        return .verdict(held.terms.verdict(used: held.lease.used + amount))
    }

    func check(_ amount: Int64, _ held: HeldLease, _ now: Int64) -> Finding {
        let terms = held.terms
        guard terms.isInPlan else {
            return isTrusted(held.entry, now) ? .refusal(.notInPlan, retry: MeterOutcome.neverRetry) : .strict
        }
        let used = held.lease.used + amount
        guard used <= Amount.largest else { return .tooMuch }
        if terms.needsLease {
            if amount <= held.lease.unspent(now: now) { return .verdict(terms.verdict(used: used)) }
            guard now < held.lease.expires - settings.ttl + settings.horizon else { return .strict }
            if amount > terms.bound { return .refusal(.tooLarge, retry: MeterOutcome.neverRetry) }
            guard used + held.lease.reservedInAll <= terms.bound else {
                return .refusal(.limitExceeded, retry: untilRenewal(held))
            }
            return .verdict(terms.verdict(used: used))
        }
        guard isKnown(held, now) else { return .strict }
        return .verdict(terms.verdict(used: used))
    }

    func append(_ verdict: Verdict, _ held: HeldLease, _ retry: Int64 = 0) {
        outcomes.append(
            MeterOutcome(
                verdict: verdict, used: held.lease.used, limit: held.terms.limit, retryAfterMilliseconds: retry))
    }

    /// Whether the tenant's record is the one in hand: Redis said so lately, or no change was heard of since, over a
    /// connection that has not broken meanwhile.
    func isTrusted(_ entry: TenantEntry, _ now: Int64) -> Bool {
        now - entry.confirmedAt < settings.horizon || entry.confirmedAt >= server.news.heardSince
    }

    /// Whether Redis need not be asked about what cannot be refused: its total was heard once, and the record holds.
    private func isKnown(_ held: HeldLease, _ now: Int64) -> Bool {
        held.lease.isLive(now: now) || !server.redis.isReady || (held.lease.expires > 0 && isTrusted(held.entry, now))
    }

    /// Milliseconds until the period ends. Of what is in flight nobody knows: a second is when to ask again.
    func untilRenewal(_ held: HeldLease) -> Int64 {
        if held.terms.isConcurrency { return 1000 }
        return max(1, held.terms.period.end * 1000 - server.redis.clock.time(at: server.loop.now) / 1000)
    }

    func tooMuch(_ meter: Int) -> String {
        ArgumentError.tooMuch(server.rules.catalogue.meters[meter].name).text
    }
}
