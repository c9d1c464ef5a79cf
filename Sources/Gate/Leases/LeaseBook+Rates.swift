internal import Metering
internal import RedisLink

/// Calls that have a rate among their meters: decided from the cells in hand, beside leases.
extension LeaseBook {
    /// What is known of a tenant's rate.
    func rate(_ entry: TenantEntry, _ meter: Int) -> HeldRate {
        if let rate = entry.rates[meter] { return rate }
        let name = Array(server.rules.catalogue.meters[meter].name.utf8)
        let rate = HeldRate(meterName: name, terms: rateTerms(entry, meter), horizon: settings.horizon)
        entry.rates[meter] = rate
        return rate
    }

    private func rateTerms(_ entry: TenantEntry, _ meter: Int) -> RateTerms {
        let definition = server.rules.catalogue.meters[meter]
        return RateTerms(definition, entry.entitlement.limit(for: definition.name, in: nil))
    }

    /// Takes over what the plan says now: what was granted by other terms is not spent by these.
    func followRates(of entry: TenantEntry) {
        let rules = server.rules
        let old = entry.rates.compactMap { $0 }
        entry.rates = Array(repeating: nil, count: rules.catalogue.meters.count)
        for rate in old {
            let name = rate.meterName
            guard let meter = rules.meterIndex(name.span), rules.catalogue.meters[meter].kind == .rate,
                rate.terms == rateTerms(entry, meter)
            else { continue }
            rate.putDown()
            entry.rates[meter] = rate
        }
    }

    /// Decides a call, some meter of which is a rate: all meters or none, as Redis does. What cannot be said for sure
    /// is for Redis to decide, unless another meter refuses anyway.
    func decideWithRates(
        _ command: SpendCall.Command, _ request: borrowing SpendRequest, _ entry: TenantEntry, at second: Int64
    ) -> LocalDecision {
        guard command != .record else { return .strict }
        outcomes.removeAll(keepingCapacity: true)
        leases.removeAll(keepingCapacity: true)
        var (isRefused, isRateLimited, isForRedis, mayBeExceeded) = (false, false, false, false)
        for index in request.items.indices {
            let item = request.items[index]
            let finding: Finding
            switch server.rules.catalogue.meters[item.meter].kind {
            case .rate: finding = find(item.amount, rate(entry, item.meter), entry)
            case .counter:
                guard command != .check || entry.leases[item.meter] != nil,
                    let held = held(entry, item.meter, at: second)
                else { return .strict }
                leases.append(held)
                finding = command == .take ? take(item.amount, held, now) : check(item.amount, held, now)
                if case .asks = finding {
                    mayBeExceeded = true
                    demand(item.amount, of: held)
                }
            case .level, .concurrency: return .strict
            }
            switch finding {
            case .verdict(let verdict): append(verdict, of: item, entry)
            case .asks:
                isForRedis = true
                append(.ok, of: item, entry)
            case .refusal(let verdict, let retry):
                if verdict == .rateLimited { isRateLimited = true } else { isRefused = true }
                append(verdict, of: item, entry, retry)
            case .strict: return .strict
            case .tooMuch: return .failed(tooMuch(item.meter))
            }
        }
        if isRefused { return .decided }
        // A used up limit would be the more telling reason.
        if isRateLimited, !mayBeExceeded {
            metrics.add(.rateRefusalsRemembered)
            return .decided
        }
        guard !isForRedis, !isRateLimited else { return .strict }
        finishWithRates(command, request, entry)
        return .decided
    }

    private func find(_ amount: Int64, _ rate: HeldRate, _ entry: TenantEntry) -> Finding {
        let terms = rate.terms
        let isTrusted = isTrusted(entry, now)
        guard terms.isInPlan else { return isTrusted ? .refusal(.notInPlan, retry: MeterOutcome.neverRetry) : .strict }
        if terms.limit < 0 { return isTrusted || !server.redis.isReady ? .verdict(.ok) : .strict }
        if rate.hand.has(amount, now: now) { return .verdict(.ok) }
        guard isTrusted else { return .asks }
        if terms.limit == 0, amount > 0 {
            return terms.isShadow ? .verdict(.shadow) : .refusal(.tooLarge, retry: MeterOutcome.neverRetry)
        }
        guard !terms.isShadow, let bucket = terms.rate, rate.isHeard else { return .asks }
        if amount > bucket.burst { return .refusal(.tooLarge, retry: MeterOutcome.neverRetry) }
        let retry = rate.retry(amount, now: now, edition: partitions.edition(entry.partition))
        return retry.map { .refusal(.rateLimited, retry: $0) } ?? .asks
    }

    /// Redis decides a call that this lease could not. Nobody waits at the lease for that, so it asks for units for the
    /// calls to come.
    private func demand(_ amount: Int64, of held: HeldLease) {
        held.lease.noteDemand(amount)
        activate(held)
        if !held.lease.isInFlight(now: now, settings: settings) { syncs.list(held, isUrgent: false) }
    }

    /// What a meter comes to before anything is counted.
    private func append(_ verdict: Verdict, of item: SpendCall.Item, _ entry: TenantEntry, _ retry: Int64 = 0) {
        guard server.rules.catalogue.meters[item.meter].kind == .rate else {
            if let held = leases.last { append(verdict, held, retry) }
            return
        }
        let rate = rate(entry, item.meter)
        outcomes.append(
            MeterOutcome(
                verdict: verdict, used: rate.used(now: now), limit: rate.terms.limit, retryAfterMilliseconds: retry))
    }

    /// Counts what was found to fit, and brings the outcomes up to date.
    private func finishWithRates(
        _ command: SpendCall.Command, _ request: borrowing SpendRequest, _ entry: TenantEntry
    ) {
        var counters = 0
        for index in request.items.indices {
            let item = request.items[index]
            if server.rules.catalogue.meters[item.meter].kind == .rate {
                let rate = rate(entry, item.meter)
                guard let bucket = rate.terms.rate else { continue }
                outcomes[index].used = min(bucket.burst, outcomes[index].used + item.amount)
                if command == .take { rate.take(item.amount, now: now) }
            } else {
                outcomes[index].used += item.amount
                if command == .take, item.amount > 0 { spend(item.amount, leases[counters], isAlways: false) }
                counters += 1
            }
        }
    }
}
