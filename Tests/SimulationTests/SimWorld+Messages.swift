@testable import Metering

/// Syncs, their replies, and what becomes of them on the way.
extension SimWorld {
    /// What a holder says of its leases now. A period that is over is settled: what is unspent goes back.
    mutating func request(_ index: Int, want: Int64) -> SyncRequest {
        let time = time(holders[index])
        let all = holders[index].periods(in: calendar).union([period]).sorted()
        let isPart = isChunked && holders[index].lines.values.allSatisfy(\.isEmpty)
        let periods = isPart ? [all[(nextToken + Int(want)) % all.count]] : all
        nextToken += 1
        var items: [SyncRequest.Item] = []
        for period in periods {
            let waiting = holders[index].lines[period]?.first
            let isOver = period < self.period && period != Self.flight
            let statement = onLease(index, period, at: time) { lease in
                if isOver { lease.giveBack() }
                return lease.ask(
                    waiting: waiting?.amount ?? 0, deadline: waiting?.deadline ?? 0, want: isOver ? 0 : want, now: time)
            }
            var hours = holders[index].unsent(period: period, in: calendar)
            if !rules.contains(.totals) { hours = differences(hours, of: holders[index]) }
            let terms = LeaseTerms(
                bound: period == Self.flight ? Self.flightLimit : holders[index].limit, version: holders[index].version,
                isBilled: true, keptUntil: 0)
            items.append(SyncRequest.Item(key: key(period), terms: terms, statement: statement, hours: hours))
        }
        let sent = items.flatMap(\.hours).map(\.hour)
        let isComplete = holders[index].hours.values.allSatisfy {
            holders[index].acknowledged[$0.hour] == $0 || sent.contains($0.hour)
        }
        return SyncRequest(
            holder: holders[index].name, life: holders[index].view.life,
            isResendComplete: isComplete && isWhole(index, periods), notAfter: Int64.max, sentAt: time, items: items)
    }

    /// Whether every lease that is not named was acknowledged.
    private func isWhole(_ index: Int, _ periods: [Int64]) -> Bool {
        holders[index].leases.allSatisfy { periods.contains($0.key) || !$0.value.isDirty }
    }

    private func differences(_ hours: [HourTotals], of holder: SimHolder) -> [HourTotals] {
        hours.map { hour in
            var difference = hour
            difference.consumed -= holder.acknowledged[hour.hour]?.consumed ?? 0
            return difference
        }
    }

    mutating func send(_ index: Int, want: Int64) {
        let request = request(index, want: want)
        if dies(index) { return }
        network.append(
            SimMessage(holder: index, generation: holders[index].generation, content: .request(request)))
    }

    /// One undisturbed round trip.
    mutating func roundTrip(_ index: Int, want: Int64) throws(SimFailure) {
        send(index, want: want)
        for _ in 0..<2 {
            guard let message = network.last, message.holder == index else { return }
            try deliver(network.count - 1)
        }
    }

    mutating func deliver(_ place: Int) throws(SimFailure) {
        let message = network[place]
        delivered += 1
        guard delivered < 20_000 else { throw SimFailure("the messages never end") }
        switch message.content {
        case .request(let request):
            network.remove(at: place)
            try reach(request, from: message)
        case .reply(let reply, let request):
            guard holders[message.holder].works else { return }
            network.remove(at: place)
            guard holders[message.holder].generation == message.generation else { return }
            try receive(reply, to: request, at: message.holder)
        case .notice(let notice):
            guard holders[message.holder].works else { return }
            network.remove(at: place)
            hear(notice, at: message.holder)
        }
    }

    /// A sync reaches Redis.
    private mutating func reach(_ request: SyncRequest, from message: SimMessage) throws(SimFailure) {
        let (life, learned) = (store.currentLife, (store.life?.until ?? 0) > 0)
        let reply = store.sync(request, run: runID, now: redisNow)
        if store.currentLife != toldLife { (toldLife, told) = (store.currentLife, []) }
        if request.life == store.currentLife, request.isResendComplete { told.insert(request.holder) }
        for reclaim in store.reclaims { tolerate(reclaim) }
        if learned, store.currentLife == life, store.life?.until == 0 { tolerateSilence() }
        try checkReply(reply, to: request)
        for notice in store.notices {
            for index in holders.indices where index != message.holder {
                network.append(
                    SimMessage(holder: index, generation: holders[index].generation, content: .notice(notice)))
            }
        }
        network.append(
            SimMessage(
                holder: message.holder, generation: message.generation, content: .reply(reply, to: request)))
    }

    private mutating func hear(_ notice: SyncStore.Notice, at index: Int) {
        switch notice {
        case .recall(let key):
            let isFree = holders[index].lines[key.period]?.isEmpty ?? true
            if isFree, holders[index].leases[key.period]?.answerRecall() == true { send(index, want: 0) }
        case .wake(let key, let holder):
            guard holder == holders[index].name, holders[index].lines[key.period]?.isEmpty == false else { return }
            send(index, want: 0)
        case .tell: send(index, want: 0)
        }
    }

    /// A reply reaches its holder.
    mutating func receive(_ reply: SyncReply, to request: SyncRequest, at index: Int) throws(SimFailure) {
        let time = time(holders[index])
        // Without this rule the lease lasts from the reply, however old the question is.
        let sentAt = rules.contains(.lastsFromSending) ? request.sentAt : time
        let news = holders[index].view.receive(reply, sentAt: request.sentAt)
        if news == .newLife { holders[index].forgetAcknowledgements() }
        for (asked, told) in zip(request.items, reply.items) {
            if dies(index) { return }
            if killedWhileMerging(told, asked.key.period, at: index) { return }
            try receive(
                told, asked: asked, isLearning: reply.isLearning && rules.contains(.learningRaisesNothing), news: news,
                sentAt: sentAt, at: index)
        }
    }

    private mutating func receive(
        _ told: SyncReply.Item, asked: SyncRequest.Item, isLearning: Bool, news: StoreNews, sentAt: Int64, at index: Int
    ) throws(SimFailure) {
        let (period, time) = (asked.key.period, time(holders[index]))
        var told = told
        if !rules.contains(.wholeRow), let lease = holders[index].leases[period] {
            (told.returned, told.spent) = (lease.returned, lease.spent)
        }
        let action = onLease(index, period, at: time) {
            $0.receive(
                told, isLearning: isLearning, news: news, bound: asked.terms.bound, sentAt: sentAt, now: time,
                settings: Self.settings)
        }
        guard action != .dropped else { return }
        if news != .stale, period != Self.flight { try hear(told.used, of: period, at: index) }
        if news != .stale {
            for (asked, told) in zip(asked.hours, told.hours) {
                guard rules.contains(.totals) else {
                    let none = HourTotals(hour: asked.hour)
                    holders[index].acknowledged[asked.hour, default: none].consumed += asked.consumed
                    continue
                }
                holders[index].acknowledged[told.hour] = told
                holders[index].hours[told.hour]?.merge(told)
            }
        }
        holders[index].lines[period, default: WaitingLine()].receive(action, sentAt: sentAt)
        switch action {
        case .reload: reload(index)
        case .sync: send(index, want: 0)
        default: break
        }
        try serve(index, waitingOnly: false)
    }

    /// A kill between the totals of one merge leaves the first of them written.
    private mutating func killedWhileMerging(_ told: SyncReply.Item, _ period: Int64, at index: Int) -> Bool {
        guard let fuse = holders[index].fuse, fuse < 3, let lease = holders[index].leases[period] else { return false }
        let returned = max(lease.returned, told.returned)
        var partial = lease
        partial.granted = max(lease.granted, returned + max(lease.spent, told.spent) + lease.reserved)
        if fuse > 0 { partial.returned = returned }
        holders[index].leases[period] = partial
        holders[index].die()
        return true
    }

    /// Ends the waiting calls that can end.
    mutating func serve(_ index: Int, waitingOnly: Bool) throws(SimFailure) {
        for period in holders[index].lines.keys.sorted() {
            guard var line = holders[index].lines[period], !line.isEmpty else { continue }
            let time = time(holders[index])
            let isOver = !rules.contains(.endGivesBack) && time >= holders[index].leases[period]?.expires ?? 0
            while let end = isOver ? nil : onLease(index, period, at: time, { line.next(lease: &$0, now: time) }) {
                if end.outcome != .taken { refusals += 1 }
                guard end.outcome == .taken else { continue }
                holders[index].lines[period] = line
                if dies(index) { return }
                try admit(end.call.amount, at: index, period: period)
            }
            holders[index].lines[period] = line
        }
    }
}
