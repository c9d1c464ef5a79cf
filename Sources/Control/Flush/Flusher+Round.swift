import Billing
import Logging
import Metering
import RedisLink
import StripeAPI

extension Flusher {
    /// How many hours are looked at together. Bounds the memory of a round.
    private static let batchSize = 512
    /// The same when they go to the stream, many in a request.
    private static let streamBatchSize = 4_096
    /// How many hours of a tenant go out one after the other before those that were read meanwhile have their turn.
    private static let hoursInTurn = 64
    /// How many hours may wait for their tenant's next turn while further ones are read. A tenant's hours of one meter
    /// are 840 at most, which is 35 days.
    private static let mostWaiting = 4_096

    /// What one lane came to.
    struct LaneResult {
        var tally: [LaneEntry] = []
        /// The lane's tenant, if the rest of it is to be tried later.
        var left: String?
        var failure: StoreError?
    }

    /// What became of one hour of a lane.
    enum LaneEntry {
        case acknowledged(units: Int64)
        case failed(HourKey, String, OwedState)
        case notSent(HourKey, OwedState)
        case settled
    }

    /// What a batch is to be done with.
    private struct Sorted {
        var orders: [HourKey: SendOrder] = [:]
        var holds: [HourKey: OwedState] = [:]
        var late: [LatePeriod: [StoredHour]] = [:]
        var tooOld: [(StoredHour, SendForm)] = []
    }

    /// One round over everything that is owed by the partitions that this daemon has claimed.
    func send(isAsked: Bool) async throws(StoreError) -> FlushReport {
        if isAsked {
            backoff.forgiveAll()
            book.expire()
            items.expire()
            credits = [:]
        }
        if backoff.haltReason != nil { backoff.resume() }
        let roundStart = context.now()
        // Right after the start, and for somebody who waits.
        if isAsked || claimed.isEmpty { await claims?.refresh() }
        let claimed = claimed
        let counts = try await context.store.owedCounts()
        let mine = counts.indices.filter { counts[$0] > 0 && claimed[$0] != nil }
        let owed = mine.reduce(0) { $0 + counts[$1] }
        let usesStream = owed > configuration.streamAbove && context.now() >= streamAfter
        let batchSize = usesStream ? Self.streamBatchSize : Self.batchSize
        var reader = OwedReader(store: context.store, partitions: mine, isBrief: true)
        var tally = FlushTally()
        tally.noteAllWaiting(.elsewhere, count: counts.reduce(0, +) - owed)
        var seen: Set<HourKey> = []
        var isAtEnd = false
        var waiting: [StoredHour] = []
        status.beginRound()
        repeat {
            var batch = waiting
            var read: [HourKey] = []
            // A credit waits for usage to come, and not for a send.
            defer { if let oldest = read.first(where: { credits[$0] == nil }) { status.noteOldest(oldest.hour) } }
            if !isAtEnd, waiting.count < Self.mostWaiting {
                let more = try await reader.next(batchSize)
                read = more.map { OwedHour($0).key }
                for key in read where seen.count < FlushBackoff.rememberedHours { seen.insert(key) }
                isAtEnd = more.count < batchSize
                batch += more
            }
            waiting = try await send(batch, roundStart: roundStart, usesStream: usesStream, &tally)
        } while tally.report.stopped == nil && !(isAtEnd && waiting.isEmpty)
        tally.noteWaiting(waiting, .owed)
        if tally.report.stopped == nil {
            status.endWholeRound()
            if seen.count < FlushBackoff.rememberedHours {
                backoff.prune(now: context.now()) { seen.contains($0) }
                credits = credits.filter { seen.contains($0.key) }
            }
        }
        return tally.finished(owed: try await context.store.owedCounts().reduce(0, +))
    }

    /// Sends what can be sent of a batch. Returns the hours that wait for their tenant's next turn.
    private func send(
        _ batch: [StoredHour], roundStart: Int64, usesStream: Bool, _ tally: inout FlushTally
    ) async throws(StoreError) -> [StoredHour] {
        context.stripe?.share(among: claims?.status.flushers ?? 1)
        let catalogue = context.catalogue()
        let tenants = try await tenants(of: batch)
        var trouble = await readMeters(for: batch, catalogue, roundStart: roundStart)
        if trouble == nil { trouble = await readItems(for: batch, catalogue, tenants) }
        if let trouble {
            tally.stop(trouble)
            let judge = try await judge(catalogue, tenants)
            for stored in batch { noteClosing(of: stored, tenants, judge) }
            return batch
        }
        let sorted = try await sort(batch, catalogue, tenants)
        let now = context.now()
        // What is late or too old is seen to below.
        let planned = batch.map { OwedHour($0) }.filter {
            sorted.holds[$0.key] != nil || sorted.orders[$0.key] != nil
        }
        let plan = FlushPlan.make(owed: planned) {
            sorted.holds[$0.key] ?? backoff.hold(on: $0.key, now: now)
        }
        for held in plan.held { tally.noteWaiting(held.hour.key, held.state) }
        let failing = backoff.failing
        let inOrder =
            plan.lanes.filter { !failing.contains($0[0].tenant) }
            + plan.lanes.filter { failing.contains($0[0].tenant) }
        var lanes = inOrder.map { $0.compactMap { sorted.orders[$0.key] } }
        if usesStream, context.now() >= streamAfter {
            try await stream(lanes.flatMap { $0.filter(\.isMeterEvent) }, &tally)
            lanes = lanes.map { $0.filter { !$0.isMeterEvent } }.filter { !$0.isEmpty }
        }
        let left = try await run(lanes.map { Array($0.prefix(Self.hoursInTurn)) }, &tally)
        let later = lanes.flatMap { $0.dropFirst(Self.hoursInTurn).map(\.hour) }
        for hour in later where left.contains(hour.tenant) { tally.noteWaiting(hour.key, .owed) }
        let waiting = Set(later.filter { !left.contains($0.tenant) }.map(\.key))
        for (period, hours) in sorted.late { try await settle(period, hours, &tally) }
        for (hour, form) in sorted.tooOld { try await buryTooOld(hour, form, &tally) }
        if let reason = backoff.haltReason { tally.stop(reason) }
        if backoff.wholeHold(now: context.now()) != nil { tally.stop("waiting after failures: \(lastOutage)") }
        if isStopping { tally.stop("tollgate is stopping") }
        return waiting.isEmpty ? [] : batch.filter { waiting.contains(OwedHour($0).key) }
    }

    private func sort(
        _ batch: [StoredHour], _ catalogue: Catalogue, _ tenants: [String: Tenant]
    ) async throws(StoreError) -> Sorted {
        let judge = try await judge(catalogue, tenants)
        var sorted = Sorted()
        for stored in batch {
            let key = OwedHour(stored).key
            let verdict = judge.judge(stored, tenant: tenants[key.tenant])
            if case .send = verdict {} else { credits[key] = nil }
            switch verdict {
            case .send(let order):
                sorted.orders[key] = order
                if order.isPeriodOver, let closing = order.closing { status.noteClosing(closing) }
            case .late(let period): sorted.late[period, default: []].append(stored)
            case .tooOld(let form): sorted.tooOld.append((stored, form))
            case .hold(let state):
                sorted.holds[key] = state
                noteClosing(of: stored, tenants, judge)
            }
        }
        return sorted
    }

    /// Of an hour that is not sent now: it may come too late.
    private func noteClosing(of stored: StoredHour, _ tenants: [String: Tenant], _ judge: HourJudge) {
        guard let tenant = tenants[stored.key.tenant],
            let (books, closing) = judge.books(of: stored.key, tenant: tenant),
            books.exactEnd <= judge.now, judge.now < closing
        else { return }
        status.noteClosing(closing)
    }

    /// What is known now, for judging the hours of these tenants.
    func judge(_ catalogue: Catalogue, _ tenants: [String: Tenant]) async throws(StoreError) -> HourJudge {
        HourJudge(
            catalogue: catalogue, calendar: PeriodCalendar(catalogue.timeZone), fit: book.fit, item: items.fit,
            drafts: try await context.store.drafts(tenants.values.filter { $0.periodEnd != nil }.map(\.id)),
            times: times,
            checkInterval: CheckDue.interval(times.checkIntervalSeconds, meters: catalogue.billedMeters.count),
            now: context.now() / 1000)
    }

    /// Runs lanes side by side, `sendsAtOnce` at a time. Returns the tenants whose further hours are to be tried later.
    private func run(_ lanes: [[SendOrder]], _ tally: inout FlushTally) async throws(StoreError) -> Set<String> {
        var waiting = lanes.makeIterator()
        let results = await withTaskGroup(of: LaneResult.self) { group in
            for _ in 0..<configuration.sendsAtOnce {
                guard let lane = waiting.next() else { break }
                group.addTask { await self.run(lane) }
            }
            var results: [LaneResult] = []
            for await result in group {
                results.append(result)
                // Without Redis nothing can be marked or acknowledged, so no further lane is begun.
                guard !results.contains(where: { $0.failure != nil }), let lane = waiting.next() else { continue }
                group.addTask { await self.run(lane) }
            }
            return results
        }
        for entry in results.flatMap(\.tally) { tally.note(entry) }
        if let failure = results.compactMap(\.failure).first { throw failure }
        return Set(results.compactMap(\.left))
    }
}

extension FlushBackoff {
    /// How many owed hours a round keeps in mind in order to forget the others.
    static let rememberedHours = 100_000
}

extension FlushTally {
    mutating func note(_ entry: Flusher.LaneEntry) {
        switch entry {
        case .acknowledged(let units):
            noteSent()
            noteAcknowledged(units: units)
        case .failed(let hour, let reason, let state):
            noteSent()
            noteFailure(hour, reason)
            noteWaiting(hour, state)
        case .notSent(let hour, let state):
            noteWaiting(hour, state)
        case .settled:
            break
        }
    }
}
