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

    /// As ``owedHours(partition:after:limit:)``, without their totals: one command whatever there is.
    public func owedKeys(
        partition: Int, after cursor: StoredHour.Key?, limit: Int
    ) async throws(StoreError) -> [StoredHour] {
        let from = cursor.map { "(\($0.member)" } ?? "-"
        return try await client.command(
            ["ZRANGE", keys.owed(partition), from, "+", "BYLEX", "LIMIT", "0", String(limit)]
        ).elements.compactMap { member in
            member.text.flatMap(StoredHour.Key.init(member:)).map { StoredHour(key: $0, day: [:]) }
        }
    }

    /// The hours of a tenant and meter from `first` on to before `end`, hours since 1970; an hour of which nothing is
    /// known has zeros.
    public func hours(
        tenant: String, meter: String, from first: Int64, to end: Int64
    ) async throws(StoreError) -> [StoredHour] {
        guard first < end else { return [] }
        return try await hours(tenant, meter, Array(first..<end))
    }

    /// The lives of these partitions that follow an earlier one, whose sends may have been forgotten.
    public func successions(of partitions: Set<Int>) async throws(StoreError) -> [Int: Succession] {
        let partitions = Array(partitions)
        let lives = try await client.pipeline(partitions.map { ["HMGET", keys.life($0), "heir", "born"] })
        var successions: [Int: Succession] = [:]
        for (partition, life) in zip(partitions, lives) {
            let fields = life.elements
            guard fields.count == 2, let since = fields[0].number, let born = fields[1].number else { continue }
            successions[partition] = Succession(since: since, life: born)
        }
        return successions
    }

    func dayKey(_ key: StoredHour.Key) -> String { keys.day(key.tenant, key.meter, day: key.hour / 24) }
}
