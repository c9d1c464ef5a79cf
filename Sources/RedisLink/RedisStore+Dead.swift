extension RedisStore {
    /// How many hours of each partition are dead letters.
    public func deadCounts() async throws(StoreError) -> [Int] {
        try await client.pipeline((0..<keys.partitions).map { ["HLEN", keys[$0].dead] }).map { Int($0.number ?? 0) }
    }

    /// The dead letters of a partition, oldest hour first, after `cursor`, at most `limit`. Reads all of them: they are
    /// meant to be few.
    public func deadLetters(
        partition: Int, after cursor: StoredHour.Key?, limit: Int
    ) async throws(StoreError) -> [(StoredHour.Key, DeadLetter)] {
        let all = Self.pairs(try await client.command(["HGETALL", keys[partition].dead]))
        let from = cursor?.member
        return all.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .filter { entry in from.map { $0.utf8.lexicographicallyPrecedes(entry.key.utf8) } ?? true }
            .prefix(limit)
            .compactMap { entry in StoredHour.Key(member: entry.key).map { ($0, DeadLetter(stored: entry.value)) } }
    }

    /// The hour whose event, acknowledged last, has this identifier; nil when a newer one took its place or nobody
    /// knows it.
    ///
    /// - Parameters:
    ///   - identifier: of an event.
    ///   - partition: that the identifier names.
    ///   - hour: that the identifier names, since 1970.
    ///   - meters: those that events are sent for.
    public func hour(
        identifier: String, partition: Int, hour: Int64, meters: [String]
    ) async throws(StoreError) -> StoredHour.Key? {
        let field = KeySpace.hourOfDay(hour) + "=id"
        var found: StoredHour.Key?
        try await eachPage(of: partition, hour: hour, meters: meters) { page async throws(StoreError) in
            let identifiers = try await client.pipeline(page.map { ["HGET", dayKey($0), field] })
            found = identifiers.firstIndex { $0.text == identifier }.map { page[$0] }
            return found == nil
        }
        return found
    }

    /// An hour of these meters, of each tenant of a partition with a record, some at a time until `body` says false.
    func eachPage(
        of partition: Int, hour: Int64, meters: [String],
        _ body: ([StoredHour.Key]) async throws(StoreError) -> Bool
    ) async throws(StoreError) {
        guard partition < keys.partitions, !meters.isEmpty else { return }
        // All of a page goes in one pipeline, of which a connection takes so many calls at once.
        let size = max(1, min(500, 2_000 / meters.count))
        var cursor = "-"
        while true {
            let tenants = try await client.command(
                ["ZRANGE", keys.tenants(partition), cursor, "+", "BYLEX", "LIMIT", "0", String(size)]
            ).elements.compactMap(\.text)
            guard let last = tenants.last else { return }
            let page = tenants.flatMap { tenant in
                meters.map { StoredHour.Key(tenant: tenant, meter: $0, hour: hour) }
            }
            guard try await body(page), tenants.count == size else { return }
            cursor = "(\(last)"
        }
    }

    /// Takes an hour's acknowledgement back, so that it is owed again. With an identifier, only if that event is the
    /// one acknowledged last. False when nothing was changed.
    ///
    /// - Parameter lag: how long Stripe's summaries follow behind, in milliseconds: a meter that adds is compared with
    ///   them after so long.
    public func reopen(
        _ key: StoredHour.Key, identifier: String? = nil, form: SendForm, lag: Int64, noting note: AuditNote? = nil
    ) async throws(StoreError) -> Bool {
        try await settle(key, "reopen", identifier: identifier, form: form, lag: lag, note: note)
    }

    /// Makes an hour a dead letter, which is neither owed nor acknowledged: of an event that Stripe refused after it
    /// had taken it, or of a send that it refused at once, which ends the attempt.
    public func bury(
        _ key: StoredHour.Key, _ letter: DeadLetter, identifier: String? = nil, attempt: String? = nil,
        form: SendForm, lag: Int64
    ) async throws(StoreError) -> Bool {
        try await settle(
            key, "bury", identifier: identifier, attempt: attempt, text: try letter.text, form: form, lag: lag)
    }

    /// Makes an hour a dead letter that is not sent any more; what was acknowledged of it stays so.
    public func expire(_ key: StoredHour.Key, _ letter: DeadLetter, form: SendForm) async throws(StoreError) -> Bool {
        try await settle(key, "expire", text: try letter.text, form: form)
    }

    /// Makes a dead hour owed again. False when it is none.
    public func revive(
        _ key: StoredHour.Key, form: SendForm, noting note: AuditNote
    ) async throws(StoreError) -> Bool {
        try await settle(key, "revive", form: form, note: note)
    }

    /// Writes off what Stripe does not have of a dead hour, for good. What was used since the operator looked is owed.
    /// False when it is not dead.
    ///
    /// - Parameters:
    ///   - has: what Stripe has of the hour.
    ///   - seen: the hour's total that the operator saw.
    public func drop(
        _ key: StoredHour.Key, form: SendForm, has: Int64, seen: Int64, noting note: AuditNote
    ) async throws(StoreError) -> Bool {
        try await settle(key, "drop", text: "\(has) \(seen)", form: form, note: note)
    }

    private func settle(
        _ key: StoredHour.Key, _ action: String, identifier: String? = nil, attempt: String? = nil,
        text: String = "", form: SendForm, lag: Int64 = 0, note: AuditNote? = nil
    ) async throws(StoreError) -> Bool {
        let partition = keys.partition(of: key.tenant)
        return try await client.run(
            .hourSettle,
            keys: [
                dayKey(key), keys.owed(partition), keys[partition].dead, keys.audit(partition), keys.life(partition),
            ],
            [
                String(key.hour), key.member, action, identifier ?? "", attempt ?? "", text, form.rawValue,
                String(lag), key.tenant,
            ] + (note?.arguments(origin) ?? Array(repeating: "", count: 7))
        ).number == 1
    }
}
