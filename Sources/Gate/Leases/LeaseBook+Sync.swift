internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// What is said to Redis of each lease, and what becomes of the answer.
extension LeaseBook {
    /// What a sync sent now says of a lease.
    func item(of held: HeldLease) -> SyncRequest.Item {
        let front = held.line.first
        let want = want(of: held, front: front?.amount ?? 0)
        held.asksNothing = false
        let statement = held.lease.ask(
            waiting: front?.amount ?? 0, deadline: front?.deadline ?? 0, want: want, now: now)
        held.store(in: ledger)
        return SyncRequest.Item(
            key: held.key,
            terms: LeaseTerms(
                bound: held.terms.leaseBound, version: held.entry.versionText, isBilled: held.terms.isBilled,
                keptUntil: held.terms.isConcurrency ? endlessKeptUntil : held.terms.keptUntil,
                isEndless: held.terms.isConcurrency),
            statement: statement, hours: unsentHours(of: held))
    }

    /// Redis keeps what is in flight as long as somebody tells of it, and two days.
    var endlessKeptUntil: Int64 { server.redisSecond + 2 * 86_400 }

    /// What to ask for beyond what the first waiting call lacks. With `lease: off` that is only what others wait for.
    private func want(of held: HeldLease, front: Int64) -> Int64 {
        guard !held.isOver, !isHandingBack, held.terms.needsLease, !held.asksNothing else { return 0 }
        if held.terms.isLeaseOff { return max(0, held.line.amount - front) }
        return held.lease.want(now: now, waiting: held.line.amount, settings: settings)
    }

    /// Takes what one partition answers.
    func receive(_ reply: SyncReply, to part: SyncBatch.Part) {
        let sentAt = part.request.sentAt
        let news = partitions.receive(reply, partition: part.partition, sentAt: sentAt)
        metrics.set(.learningPartitions, partitions.learningCount)
        if news == .newLife { resend.begin(part.partition) }
        if partitions.isAnyLearning, let upkeepTimer, !upkeepTimer.isArmed {
            // Learning ends only when somebody asks.
            upkeepTimer.arm(at: now + Self.upkeepInterval)
        }
        for (index, held) in part.leases.enumerated() {
            // What the life before knew, this one may not: first everything is unsent again.
            if news == .newLife { follow(held) }
            receive(
                reply.items[index], asked: part.request.items[index], held, isLearning: reply.isLearning, news: news,
                sentAt: sentAt)
        }
        if !part.rows.isEmpty { resend.receive(reply, part, isStale: news == .stale) }
    }

    private func receive(
        _ told: SyncReply.Item, asked: SyncRequest.Item, _ held: HeldLease, isLearning: Bool, news: StoreNews,
        sentAt: Int64
    ) {
        let granted = held.lease.granted
        let action = held.lease.receive(
            told, isLearning: isLearning, news: news, bound: asked.terms.bound, sentAt: sentAt, now: now,
            settings: settings)
        store(held)
        guard action != .dropped else { return }
        if held.lease.granted > granted { metrics.add(.grants) }
        settle(held, told.hours, isStale: news == .stale)
        // A total that Redis still learns is no fall.
        if !isLearning { server.alerts.hear(told.used, of: held) }
        held.holderCount = told.holders
        mostHolders = max(mostHolders, told.holders)
        if asked.terms.bound != held.terms.leaseBound, held.lease.hasRest {
            // Granted by a limit that is another by now.
            giveBack(held)
            syncs.list(held, isUrgent: true)
        }
        if held.lease.unacknowledged == 0 { held.unsentSince = 0 } else { held.unsentSince = now }
        if !told.isOtherVersion, asked.terms.version == held.entry.versionText {
            held.entry.confirmedAt = max(held.entry.confirmedAt, sentAt)
        }
        held.line.receive(action, sentAt: sentAt)
        follow(action, held)
        confirm(held)
        serve(held)
        askOn(held, isUndecided: action == .undecided, isLearning: isLearning)
        activate(held)
    }

    private func follow(_ action: LeaseAction, _ held: HeldLease) {
        switch action {
        case .reload: server.directory.foundOutdated(held.entry)
        case .sync:
            metrics.add(.recalls)
            syncs.list(held, isUrgent: true)
        case .refuse(let amount, retryAt: 0):
            // Only a refund or another limit makes room now, and both are told.
            held.refuse(amount, until: now + settings.horizon)
        case .none, .dropped, .serve, .wait, .undecided, .refuse: break
        }
    }

    /// Whoever still waits asks again: at once when the last sync only brought the truth. If another is on its way, its
    /// reply decides; to overtake that too would go on until the deadline.
    private func askOn(_ held: HeldLease, isUndecided: Bool, isLearning: Bool) {
        // Who reads the record asks for all who wait.
        guard !held.line.isEmpty, held.entry.state == .ready else { return }
        if isLearning { return giveUp(held) }
        // The front may be another call by now, which nobody has asked for yet.
        guard held.hurriedSyncs < Self.mostHurriedSyncs || !isUndecided else { return }
        if isUndecided { held.hurriedSyncs += 1 } else { held.hurriedSyncs = 0 }
        guard isUndecided || !held.line.isDecided(since: held.line.first?.since ?? 0),
            !held.lease.isInFlight(now: now, settings: settings)
        else { return }
        syncs.list(held, isUrgent: true)
    }

    /// Nothing is granted while Redis learns: who waits for units is answered by the failure policy.
    private func giveUp(_ held: HeldLease) {
        for call in Array(held.waiting.values) where call.needsUnits(of: held) {
            call.leaveLines()
            decideByPolicy(call)
        }
        serve(held)
    }

    /// How often in a row a call asks again at once.
    private static let mostHurriedSyncs = 4

    /// Has Redis know what was spent here of the meters of a call that it is about to decide.
    func tellOwnUsage(of call: SpendCall) {
        for item in call.request.items {
            guard let held = ownLease(call.entry, item.meter) else { continue }
            // What a Redis that has forgotten acknowledged says nothing.
            follow(held)
            guard held.hasUnsent(ledger) || held.lease.unheardReserved != 0 else { continue }
            activate(held)
            syncs.list(held, isUrgent: true)
        }
    }

    /// The lease of a meter that Redis may not know all of. One at rest that is out of date has let go of its rows.
    private func ownLease(_ entry: TenantEntry, _ meter: Int) -> HeldLease? {
        if let held = entry.leases[meter], held.place >= 0 || held.isCurrent(at: server.redisSecond) { return held }
        return untoldLease(entry, meter)
    }

    /// The lease of a tenant that has not been in memory since Redis began to be told everything, as after a restart,
    /// if the ledger has one: it may know of usage that Redis does not.
    private func untoldLease(_ entry: TenantEntry, _ meter: Int) -> HeldLease? {
        guard !partitions.isTold(entry.partition), server.rules.isCounter[meter] else { return nil }
        let second = server.redisSecond
        let (id, name) = (entry.id, Array(server.rules.catalogue.meters[meter].name.utf8))
        let start = UInt32(clamping: terms(entry, meter, at: second).period.start / 60)
        let key = ledger.tenantHash(id.span).pair(ledger.meterHash(name.span)).key(.lease(periodStart: start))
        return ledger.find(key) == nil ? nil : held(entry, meter, at: second)
    }

    // MARK: - Recalls

    /// Others wait for what is unspent here.
    func recall(_ held: HeldLease) {
        guard held.line.isEmpty else { return }
        let isTold = held.lease.answerRecall()
        store(held)
        guard isTold else { return }
        metrics.add(.recalls)
        activate(held)
        syncs.list(held, isUrgent: true)
    }

    /// The call that waits here first may fit now.
    func wake(_ held: HeldLease) {
        if !held.line.isEmpty { syncs.list(held, isUrgent: true) }
    }

    // MARK: - Confirming

    /// Has a counted call wait until Redis has its totals.
    func confirm(_ call: SpendCall, _ ending: SpendCall.Ending) {
        call.confirm(ending, count: call.leases.count)
        for held in call.leases {
            held.unconfirmed.append((call, held.lease.spent))
            syncs.list(held, isUrgent: true)
        }
    }

    private func confirm(_ held: HeldLease) {
        guard !held.unconfirmed.isEmpty else { return }
        held.unconfirmed.removeAll { entry in
            guard !entry.call.isDone else { return true }
            guard held.lease.isAcknowledged(entry.total) else { return false }
            entry.call.confirmed()
            return true
        }
        if !held.unconfirmed.isEmpty, !held.lease.isInFlight(now: now, settings: settings) {
            syncs.list(held, isUrgent: true)
        }
    }
}
