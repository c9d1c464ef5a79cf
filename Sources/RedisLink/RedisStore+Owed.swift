/// What came of asking to send an hour.
public enum SendPermit: Sendable, Equatable {
    /// Send this total, and report the outcome under this attempt's name.
    case send(total: Int64)
    /// Somebody sends it, or the partition learns, until this instant (microseconds of Redis's clock).
    case underWay(until: Int64)
    /// Its total is acknowledged by now.
    case settled
}

extension RedisStore {
    /// How many hours each partition owes.
    public func owedCounts() async throws(StoreError) -> [Int] {
        try await client.pipeline((0..<keys.partitions).map { ["ZCARD", keys.owed($0)] }).map { Int($0.number ?? 0) }
    }

    /// The hours a partition owes, oldest first, after `cursor`, at most `limit`.
    public func owedHours(
        partition: Int, after cursor: StoredHour.Key?, limit: Int
    ) async throws(StoreError) -> [StoredHour] {
        let from = cursor.map { "(\($0.member)" } ?? "-"
        let members = try await client.command(
            ["ZRANGE", keys.owed(partition), from, "+", "BYLEX", "LIMIT", "0", String(limit)]
        ).elements.compactMap { $0.text.flatMap(StoredHour.Key.init(member:)) }
        let days = try await client.pipeline(members.map { ["HGETALL", dayKey($0)] })
        return zip(members, days).map { StoredHour(key: $0, day: Self.pairs($1)) }
    }

    /// Marks an hour as being sent by `attempt` (a name used once) for `milliseconds`, and states its total.
    public func beginSend(
        _ key: StoredHour.Key, attempt: String, milliseconds: Int64
    ) async throws(StoreError) -> SendPermit {
        let answer = try await client.run(
            .sendBegin, keys: sendKeys(key),
            [KeySpace.hourOfDay(key.hour), key.member, attempt, String(milliseconds)]
        ).elements.compactMap(\.number)
        switch (answer.first, answer.last) {
        case (0, .some(let total)): return .send(total: total)
        case (1, .some(let deadline)): return .underWay(until: deadline)
        case (2, _): return .settled
        default: throw StoreError(.unexpected, "beginning a send: \(answer)")
        }
    }

    /// Records that Stripe acknowledged `total`. False when the mark is no longer this attempt's: nothing was changed.
    @discardableResult
    public func acknowledge(
        _ key: StoredHour.Key, attempt: String, total: Int64
    ) async throws(StoreError) -> Bool {
        try await end(key, attempt, total, "1")
    }

    /// Lifts the mark of an attempt that surely recorded nothing at Stripe.
    public func abandonSend(_ key: StoredHour.Key, attempt: String) async throws(StoreError) {
        _ = try await end(key, attempt, 0, "0")
    }

    /// Ends an attempt that Stripe answered without saying whether it recorded anything: the hour stays owed and may be
    /// sent again at once.
    public func leaveUnknown(_ key: StoredHour.Key, attempt: String) async throws(StoreError) {
        _ = try await end(key, attempt, 0, "2")
    }

    private func end(
        _ key: StoredHour.Key, _ attempt: String, _ total: Int64, _ isYes: String
    ) async throws(StoreError) -> Bool {
        try await client.run(
            .sendEnd, keys: sendKeys(key),
            [KeySpace.hourOfDay(key.hour), key.member, attempt, String(total), isYes]
        ).number == 1
    }

    private func dayKey(_ key: StoredHour.Key) -> String { keys.day(key.tenant, key.meter, day: key.hour / 24) }

    private func sendKeys(_ key: StoredHour.Key) -> [String] {
        let partition = keys.partition(of: key.tenant)
        return [dayKey(key), keys.owed(partition), keys.life(partition)]
    }
}
