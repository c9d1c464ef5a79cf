import Billing
import Logging
import Metering
import RedisLink
import StripeAPI

extension Flusher {
    /// How many hours are looked at together. Bounds the memory of a round.
    private static let batchSize = 512

    /// What one lane came to.
    struct LaneResult {
        var tally: [LaneEntry] = []
        var failure: StoreError?
    }

    /// What became of one hour of a lane.
    enum LaneEntry {
        case acknowledged(units: Int64)
        case failed(HourKey, String, OwedState)
        case notSent(HourKey, OwedState)
        case settled
    }

    /// One round over everything that is owed.
    func send(isAsked: Bool) async throws(StoreError) -> FlushReport {
        if isAsked {
            backoff.forgiveAll()
            book.expire()
        }
        if backoff.haltReason != nil { backoff.resume() }
        let roundStart = context.now()
        let counts = try await context.store.owedCounts()
        var reader = OwedReader(
            store: context.store, partitions: counts.indices.filter { counts[$0] > 0 })
        var tally = FlushTally()
        var seen: Set<HourKey> = []
        var isComplete = false
        while tally.report.stopped == nil {
            let batch = try await reader.next(Self.batchSize)
            for hour in batch where seen.count < FlushBackoff.rememberedHours { seen.insert(OwedHour(hour).key) }
            isComplete = batch.count < Self.batchSize
            try await send(batch, roundStart: roundStart, &tally)
            if isComplete { break }
        }
        if isComplete, tally.report.stopped == nil, seen.count < FlushBackoff.rememberedHours {
            backoff.prune(now: context.now()) { seen.contains($0) }
        }
        return tally.finished(owed: try await context.store.owedCounts().reduce(0, +))
    }

    private func send(
        _ batch: [StoredHour], roundStart: Int64, _ tally: inout FlushTally
    ) async throws(StoreError) {
        let catalogue = context.catalogue()
        let tenants = try await tenants(of: batch)
        if let trouble = await readMeters(for: batch, catalogue, roundStart: roundStart) {
            tally.stop(trouble)
            return
        }
        let judge = HourJudge(catalogue: catalogue, fit: book.fit, now: context.now() / 1000)
        var orders: [HourKey: SendOrder] = [:]
        var holds: [HourKey: OwedState] = [:]
        for stored in batch {
            let key = OwedHour(stored).key
            switch judge.judge(stored, tenant: tenants[key.tenant]) {
            case .send(let order): orders[key] = order
            case .hold(let state): holds[key] = state
            }
        }
        let now = context.now()
        let plan = FlushPlan.make(owed: batch.map { OwedHour($0) }, limit: batch.count) {
            holds[$0.key] ?? backoff.hold(on: $0.key, now: now)
        }
        for held in plan.held { tally.noteWaiting(held.hour.key, held.state) }
        try await run(plan.lanes.map { $0.compactMap { orders[$0.key] } }, &tally)
        if let reason = backoff.haltReason { tally.stop(reason) }
        if backoff.wholeHold(now: context.now()) != nil { tally.stop("waiting after failures: \(lastOutage)") }
        if isStopping { tally.stop("tollgate is stopping") }
    }

    /// Runs lanes side by side, `sendsAtOnce` at a time.
    private func run(_ lanes: [[SendOrder]], _ tally: inout FlushTally) async throws(StoreError) {
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
    }

    /// The records of the tenants in the batch; those that cannot be read are missing, and logged.
    func tenants(of batch: [StoredHour]) async throws(StoreError) -> [String: Tenant] {
        let store = context.store
        let ids = Set(batch.map(\.key.tenant))
        let found = await withTaskGroup(of: Result<StoredTenant?, StoreError>.self) { group in
            for id in ids {
                group.addTask {
                    do throws(StoreError) { return .success(try await store.tenant(id)) } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var tenants: [String: Tenant] = [:]
        for result in found {
            guard let stored = try result.get() else { continue }
            do {
                tenants[stored.id] = try ControlContext.tenant(stored)
            } catch {
                context.logger.warning("A tenant's record cannot be read", metadata: ["reason": "\(error)"])
            }
        }
        return tenants
    }

    /// Reads the meters at Stripe if what is known does not do. Returns why nothing can be sent, or nil.
    private func readMeters(
        for batch: [StoredHour], _ catalogue: Catalogue, roundStart: Int64
    ) async -> String? {
        let names = Set(batch.compactMap { catalogue.meter($0.key.meter)?.stripe?.eventName })
        let now = context.now()
        guard let stripe = context.stripe, !names.isEmpty,
            book.isStale(for: names, now: now, roundStart: roundStart)
        else { return nil }
        do {
            book.learn(try await stripe.listMeters(), now: now)
            return nil
        } catch {
            return "Stripe's meters cannot be read: \(error)"
        }
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
