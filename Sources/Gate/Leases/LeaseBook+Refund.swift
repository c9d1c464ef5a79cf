internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// Refunds: decided by Redis, kept here as totals that are told again to a Redis that forgot.
extension LeaseBook {
    /// Has Redis carry out a refund of a tenant whose record is known.
    func refund(_ call: SpendCall) {
        guard server.redis.isReady else { return call.storeFailed() }
        let hasCounter = call.request.items.contains { call.rules.isCounter[$0.meter] }
        // What was refunded in an hour is one total: it must not begin again below what the ledger has.
        guard !hasCounter || partitions.isTold(call.entry.partition) else {
            untoldCalls.append(call)
            return
        }
        ask(call)
    }

    /// Asks Redis, behind everything that was said to it before: the calls of this turn, and what was spent here.
    private func ask(_ call: SpendCall) {
        let own = call.request.items.map { ownLease(of: $0, call) }
        for case let held? in own where held.hasUnsent(ledger) { syncs.list(held, isUrgent: true) }
        server.queue.send()
        syncs.send(now: now)
        guard !own.contains(where: { $0?.isListed ?? false }) || isLastAsk(of: call) else { return askLater(call) }
        let spent = own.map { $0.map { $0.isListed ? 0 : $0.lease.spent } ?? 0 }
        server.redis.send(RefundCall(call, self, isFinal: call.isRecalling && isLastAsk(of: call), spent: spent))
    }

    private func ownLease(of item: SpendCall.Item, _ call: SpendCall) -> HeldLease? {
        call.rules === server.rules ? call.entry.leases[item.meter] : nil
    }

    /// Whether no time is left to ask once more after that.
    private func isLastAsk(of call: SpendCall) -> Bool {
        let reserve = server.rules.configuration.deadline / 2
        return now + Self.askInterval + reserve >= call.recallDeadline(settings)
    }

    private func askLater(_ call: SpendCall) {
        recallingRefunds.append(call)
        if let refundTimer, !refundTimer.isArmed { refundTimer.arm(at: now + Self.askInterval) }
    }

    func refundAgain() {
        let calls = recallingRefunds
        recallingRefunds = []
        for call in calls where !call.isDone { server.directory.dispatch(call) }
    }

    /// Others wait to hear what was spent here.
    func tell(_ held: HeldLease) {
        guard held.hasUnsent(ledger) else { return }
        activate(held)
        syncs.list(held, isUrgent: true)
    }

    /// Takes what Redis answers to a refund, also to one that was answered at its deadline.
    func receive(_ reply: RefundReply, to call: SpendCall, spent: [Int64]) {
        switch reply {
        case .done(let items, let isRepeat): done(items, isRepeat: isRepeat, call, spent)
        case .clipped:
            call.isRecalling = true
            if !call.isDone { askLater(call) }
        case .late where call.mayAskAgain:
            // The gate's idea of Redis's clock was behind; now it is right.
            call.hasAskedAgain = true
            metrics.add(.expiredInRedis)
            server.directory.dispatch(call)
        case .late:
            if !call.isDone { metrics.add(.expiredInRedis) }
            call.storeFailed()
        case .learning: call.storeFailed()
        case .otherVersion: if !call.isDone { server.directory.refresh(for: call) }
        case .otherArguments: call.finish(.failed(SpendCall.otherArguments))
        case .otherRelease: call.finish(.failed(SpendCall.otherRelease))
        case .unknownTenant: call.finish(.failed(SpendCall.unknownTenant))
        }
    }

    private func done(_ items: [RefundReply.Item], isRepeat: Bool, _ call: SpendCall, _ spent: [Int64]) {
        var outcomes: [MeterOutcome] = []
        for (index, item) in items.enumerated() {
            let slot = call.slots[index]
            var used = item.used
            if let period = slot.period {
                keep(item.hours, of: call.rules.catalogue.meters[call.request.items[index].meter], period, call.entry)
                if !isRepeat, let held = ownLease(of: call.request.items[index], call),
                    held.key.period == period.start
                {
                    held.lease.hear(refund: item.counted, used: item.used, told: spent[index])
                    held.forgetRefusal()
                    used = held.lease.used
                }
            }
            if !isRepeat {
                slot.lastUsed = used
                call.hear(used, ofItem: index)
            }
            outcomes.append(
                MeterOutcome(verdict: .ok, used: max(0, used), limit: item.limit, retryAfterMilliseconds: 0))
        }
        guard !call.isDone else { return }
        metrics.add(.decidedByRedis)
        call.outcomes = outcomes
        call.givenBack = zip(call.request.items, items).map { SpendCall.Item(meter: $0.meter, amount: $1.counted) }
        call.finish(.decided)
    }

    /// Keeps in the ledger what was refunded of each hour. A row that is made for that takes over what this holder
    /// consumed then, as Redis has it. Nothing is kept when the ledger is full: then Redis alone knows of it.
    private func keep(_ hours: [HourTotals], of meter: Meter, _ period: Period, _ entry: TenantEntry) {
        let name = Array(meter.name.utf8)
        for told in hours {
            let place = SlotPlace.usage(
                periodStart: UInt32(clamping: period.start / 60), hour: UInt32(clamping: told.hour))
            guard let row = makeRow(place, entry, name, reserve: true)?.row else { continue }
            let usage = ledger.usage(row)
            usage.raiseConsumed(to: told.consumed)
            usage.raiseRefunded(to: told.refunded)
            // Redis is where it comes from.
            usage.settle(consumed: told.consumed, refunded: told.refunded)
            isLedgerDirty = true
        }
    }
}
