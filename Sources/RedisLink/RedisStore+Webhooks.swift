/// What became of an event that came.
public enum EventReceipt: Sendable, Equatable {
    /// It is in Redis and its append-only file, and will be applied.
    case stored
    /// It was stored before.
    case known
    /// Too many wait: it was not stored.
    case full
}

/// What became of an event that was given up.
public enum EventRevival: String, Sendable {
    /// It waits to be applied.
    case revived
    /// There is none of this id.
    case unknown
    /// Too many wait.
    case full
}

extension RedisStore {
    /// How many events may wait.
    public static let mostEvents = 10_000
    /// How many that were given up are kept.
    public static let mostDeadEvents = 1_000
    /// How long an event is known: Stripe delivers for three days, and lets people send one again for thirty
    /// (docs.stripe.com/webhooks: "Automatic retries", "Manual retries").
    private static let knownMilliseconds: Int64 = 35 * 86_400_000
    /// How long the append-only file is waited for.
    private static let fileMilliseconds = 2_000

    /// Keeps events, and returns what became of each once all are in Redis and its append-only file.
    ///
    /// Use a connection of its own for it: waiting for the file holds up whatever is sent behind. Redis 7.2 and newer
    /// says when the file is written and synced (redis.io/commands/waitaof). An older one writes its file before it
    /// answers, but for up to two seconds while a sync is slow (redis.io/docs/management/persistence); there it is only
    /// looked at, once it has answered, whether it keeps a file, and whether it could write it last.
    public func putEvents(_ events: [StoredEvent]) async -> Result<[EventReceipt], StoreError> {
        // By its text: a script that Redis has forgotten would be sent once more, behind the wait for the file.
        let source = String(decoding: Script.webhookPut.source, as: UTF8.self)
        let puts = events.map { event in
            [
                "EVAL", source, "2", keys.events, keys.seenEvent(event.id), String(Self.mostEvents),
                String(Self.knownMilliseconds),
            ] + event.fields
        }
        let wait = ["WAITAOF", "1", "0", String(Self.fileMilliseconds)]
        let outcomes = await client.outcomes(
            (puts + [wait]).map { RedisClient.Command(arguments: $0, script: nil) })
        do throws(StoreError) {
            guard outcomes.count == puts.count + 1 else { throw try Self.failure(of: outcomes) }
            let receipts = try outcomes.prefix(puts.count).map { outcome throws(StoreError) in
                try Self.receipt(try outcome.get())
            }
            try await checkFile(waited: try outcomes[puts.count].get())
            return .success(receipts)
        } catch {
            return .failure(error)
        }
    }

    /// Says that `token`, which nobody else ever had, applies events for so long from now; 0 lets go. False when
    /// another does.
    public func holdEvents(token: String, holder: String, milliseconds: Int64) async throws(StoreError) -> Bool {
        try await client.run(
            .webhookHold, keys: [keys.eventWorker], [token, holder, String(milliseconds)]
        ).number == 1
    }

    /// The events that wait and came after a place (nil: all), in their order, with what was tried.
    public func events(after place: String?, limit: Int) async throws(StoreError) -> [StoredEvent] {
        let from = place.map { "(\($0)" } ?? "-"
        let entries = try await client.command(["XRANGE", keys.events, from, "+", "COUNT", String(limit)]).elements
        guard !entries.isEmpty else { return [] }
        let places = entries.compactMap { $0.elements.first?.text }
        let tries = try await client.command(["HMGET", keys.eventTries] + places).elements
        let known = Dictionary(uniqueKeysWithValues: zip(places, tries.map { $0.text ?? "" }))
        return entries.compactMap { StoredEvent($0, tries: known) }
    }

    /// The events that were given up after a place (nil: all), the oldest first.
    public func deadEvents(after place: String?, limit: Int) async throws(StoreError) -> [StoredEvent] {
        let from = place.map { "(\($0)" } ?? "-"
        return try await client.command(["XRANGE", keys.deadEvents, from, "+", "COUNT", String(limit)])
            .elements.compactMap { StoredEvent($0) }
    }

    /// An event was applied, or there was nothing to do. False when the holder of `token` applies events no more:
    /// nothing was changed.
    public func removeEvent(_ event: StoredEvent, token: String) async throws(StoreError) -> Bool {
        try await endEvent(event, token: token, "done", reason: "")
    }

    /// An event could not be applied, and is tried again. False as above.
    public func postponeEvent(
        _ event: StoredEvent, token: String, until at: Int64, reason: String
    ) async throws(StoreError) -> Bool {
        try await endEvent(event, token: token, "retry", reason: reason, at: at)
    }

    /// An event is given up and kept aside. False as above.
    public func buryEvent(_ event: StoredEvent, token: String, reason: String) async throws(StoreError) -> Bool {
        try await endEvent(event, token: token, "dead", reason: reason)
    }

    /// Has an event that was given up applied again.
    public func reviveEvent(id: String) async throws(StoreError) -> EventRevival {
        let answer = try await client.run(
            .webhookRevive, keys: [keys.events, keys.deadEvents], [id, String(Self.mostEvents)])
        guard let revival = answer.text.flatMap({ EventRevival(rawValue: $0) }) else {
            throw StoreError(.unexpected, "reviving an event: \(answer)")
        }
        return revival
    }

    /// How many events wait, how many were given up, and when the oldest that waits came (Unix milliseconds).
    public func eventCounts() async throws(StoreError) -> (pending: Int64, dead: Int64, oldest: Int64?) {
        let answers = try await client.pipeline([
            ["XLEN", keys.events], ["XLEN", keys.deadEvents], ["XRANGE", keys.events, "-", "+", "COUNT", "1"],
        ])
        return (
            answers[0].number ?? 0, answers[1].number ?? 0,
            answers[2].elements.first.flatMap { StoredEvent($0) }?.receivedAt
        )
    }

    private func endEvent(
        _ event: StoredEvent, token: String, _ verdict: String, reason: String, at: Int64 = 0
    ) async throws(StoreError) -> Bool {
        let answer = try await client.run(
            .webhookEnd, keys: [keys.eventWorker, keys.events, keys.eventTries, keys.deadEvents],
            [
                token, event.place, verdict, reason, String(event.attempts), String(at), String(Self.mostDeadEvents),
            ])
        return answer.number != -1
    }

    // MARK: - Receipts

    private static func receipt(_ answer: RedisValue) throws(StoreError) -> EventReceipt {
        switch answer {
        case .string("stored"): return .stored
        case .string("known"): return .known
        case .string("full"): return .full
        case .error(let text): throw StoreError(.unavailable, "Redis: \(text)", mayHaveRun: true)
        default: throw StoreError(.unexpected, "keeping an event: \(answer)")
        }
    }

    private static func failure(of outcomes: [Result<RedisValue, StoreError>]) throws(StoreError) -> StoreError {
        for outcome in outcomes { _ = try outcome.get() }
        return StoreError(.unexpected, "keeping events: too few answers")
    }

    private func checkFile(waited: RedisValue) async throws(StoreError) {
        if case .array(let counts) = waited, counts.first?.number ?? 0 >= 1 { return }
        // Not with the events: it would be answered before the file is written.
        let facts = Self.facts(of: try await client.command(["INFO", "persistence"]).text ?? "")
        guard facts["aof_enabled"] != "0" else {
            throw StoreError(
                .unavailable, "Redis has no append-only file, so an event could be lost: CONFIG SET appendonly yes")
        }
        guard facts["aof_last_write_status"] != "err" else {
            throw StoreError(.unavailable, "Redis cannot write its append-only file", mayHaveRun: true)
        }
        switch waited {
        case .array:
            throw StoreError(.unavailable, "Redis did not write its append-only file in time", mayHaveRun: true)
        case .error(let text) where !text.contains("unknown command"):
            throw StoreError(.unavailable, "Redis: \(text)", mayHaveRun: true)
        default: break
        }
    }
}
