internal import Metering
internal import RedisLink

/// What a call that Redis decides says of one of its rates, and hears of it.
struct RateItem {
    /// Its place in the request.
    let index: Int
    let rate: HeldRate
    let ask: RateAsk
}

extension SpendCall {
    /// Finds out what to ask for the rates of a call that is about to be sent. An answer that is kept for an `ID` is
    /// one of another time, so such a call asks for nothing and tells nothing.
    func askForCells(now: Int64) {
        endAsks(isUnchanged: true)
        guard request.idempotency == nil, request.instant == nil, rules === server.rules, !entry.isStranger else {
            return
        }
        for index in slots.indices where slots[index].kind == .rate && slots[index].limit > 0 {
            let item = request.items[index]
            let rate = server.book.rate(entry, item.meter)
            guard rate.terms.rate != nil, slots[index].isInPlan else { continue }
            rate.asks(now: now)
            let ask = command == .take ? rate.hand.ask(item.amount, now: now) : .none
            rateItems.append(RateItem(index: index, rate: rate, ask: ask))
        }
    }

    /// What the script is told of a rate's cells; nil for what is none of this call's rates.
    func ask(ofItem index: Int) -> RateAsk? {
        rateItems.isEmpty ? nil : rateItems.first { $0.index == index }?.ask
    }

    /// Redis has granted nothing: because nothing has changed, or nobody knows.
    func endAsks(isUnchanged: Bool) {
        for item in rateItems where item.ask.number > 0 {
            if isUnchanged { item.rate.hand.nothingChanged(item.ask) } else { item.rate.hand.lost(item.ask) }
        }
        rateItems.removeAll(keepingCapacity: true)
    }

    /// What Redis has charged and this holder has still in hand is free to whoever asks here.
    func cellsInHand(_ index: Int) -> Int64 {
        guard let item = rateItems.first(where: { $0.index == index }), item.ask.number == 0 else { return 0 }
        return item.rate.hand.outstanding(now: server.book.now)
    }

    /// Takes what the answer says of the rates: outcomes and rows are read by now.
    ///
    /// Returns false if the call is to be decided again: Redis has refused it while cells that it could take were on
    /// their way into this holder's hand.
    func hearOfRates(isAllowed: Bool, sentAt: Int64) -> Bool {
        guard !rateItems.isEmpty else { return true }
        let isRefused = !isAllowed && (command == .take || command == .check)
        if isRefused, command == .take, !hasTriedHand, !isDone, rateItems.contains(where: isRefusedBesideHand) {
            hasTriedHand = true
            endAsks(isUnchanged: true)
            return false
        }
        let clock = server.redis.clock
        let instant = decidedAt - clock.time(at: 0)
        for item in rateItems {
            let outcome = outcomes[item.index]
            let amount = request.items[item.index].amount
            item.rate.heard(used: outcome.used - (isAllowed && command == .check ? amount : 0), at: instant)
            if isRefused, outcome.verdict == .rateLimited {
                item.rate.refused(
                    amount, retryAfterMilliseconds: outcome.retryAfterMilliseconds, sentAt: sentAt, at: instant,
                    edition: server.book.partitions.edition(entry.partition))
            } else if isAllowed, outcome.verdict == .ok {
                item.rate.wasAllowed()
            }
            guard item.ask.number > 0, isAllowed else { continue }
            let granted = decidedRows[item.index].hour
            if granted > 0 { server.metrics.add(.rateBatches) }
            item.rate.hand.granted(granted, to: item.ask, sentAt: sentAt, grantedAt: decidedAt)
        }
        if isAllowed { rateItems.removeAll(keepingCapacity: true) } else { endAsks(isUnchanged: true) }
        return true
    }

    private func isRefusedBesideHand(_ item: RateItem) -> Bool {
        item.ask.number == 0 && item.rate.hand.outstanding(now: server.book.now) > 0
            && outcomes[item.index].verdict == .rateLimited
    }
}
