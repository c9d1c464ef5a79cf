/// An hour that is due to be compared with Stripe.
public struct DueCheck: Sendable, Hashable {
    /// Which hour.
    public let key: StoredHour.Key
    /// Since when it is due, Unix seconds.
    public let dueAt: Int64

    /// Takes its parts as they are.
    public init(key: StoredHour.Key, dueAt: Int64) {
        self.key = key
        self.dueAt = dueAt
    }
}

/// An hour with everything that says where it stands with Stripe.
public struct HourStanding: Sendable {
    /// Its totals.
    public let hour: StoredHour
    /// Whether it is among the hours to send.
    public let isOwed: Bool
    /// Why it is a dead letter; nil when it is none.
    public let dead: DeadLetter?
    /// When it is to be compared with Stripe, Unix seconds; nil when it is not.
    public let checkAt: Int64?
}

extension RedisStore {
    /// The hours of these partitions that were due by a second of Unix time, those due first of each, at most `limit`
    /// of each partition.
    public func dueChecks(
        _ partitions: [Int], by second: Int64, limit: Int
    ) async throws(StoreError) -> [DueCheck] {
        let pages = try await client.pipeline(
            partitions.map {
                [
                    "ZRANGE", keys[$0].checks, "-inf", String(second), "BYSCORE", "LIMIT", "0", String(limit),
                    "WITHSCORES",
                ]
            })
        return pages.flatMap { page in
            let elements = page.elements
            return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index -> DueCheck? in
                guard let member = elements[index].text, let key = StoredHour.Key(member: member),
                    let dueAt = Self.second(elements[index + 1])
                else { return nil }
                return DueCheck(key: key, dueAt: dueAt)
            }
        }
    }

    /// How many hours are still to be compared with Stripe.
    public func checkCount() async throws(StoreError) -> Int {
        try await client.pipeline((0..<keys.partitions).map { ["ZCARD", keys[$0].checks] })
            .reduce(0) { $0 + Int($1.number ?? 0) }
    }

    /// Ends comparisons, except of hours that were acknowledged again since they were read.
    public func endChecks(_ checks: [DueCheck]) async throws(StoreError) {
        for (partition, checks) in Dictionary(grouping: checks, by: { keys.partition(of: $0.key.tenant) }) {
            _ = try await client.run(
                .checkEnd, keys: [keys[partition].checks] + checks.map { dayKey($0.key) },
                checks.flatMap { [String($0.key.hour), $0.key.member, String($0.dueAt)] })
        }
    }

    /// Puts comparisons off; those that have ended meanwhile stay so.
    public func putOffChecks(_ checks: [DueCheck], until second: Int64) async throws(StoreError) {
        _ = try await client.pipeline(
            checks.map {
                ["ZADD", keys[keys.partition(of: $0.key.tenant)].checks, "XX", "GT", String(second), $0.key.member]
            })
    }

    /// Notes with one hour of a period, of a meter with usage records, that the period is set again by itself. False
    /// when it was before.
    public func noteReset(_ hour: StoredHour.Key) async throws(StoreError) -> Bool {
        try await client.command(["HSETNX", dayKey(hour), KeySpace.hourOfDay(hour.hour) + "=reset", "1"]).number == 1
    }

    /// Brings forward the comparisons of one hour of these meters, of every tenant of a partition, that are still to
    /// come later than a second of Unix time. It reads the partition's tenants in pages.
    public func hastenChecks(
        partition: Int, hour: Int64, meters: [String], to second: Int64
    ) async throws(StoreError) {
        try await eachPage(of: partition, hour: hour, meters: meters) { page async throws(StoreError) in
            _ = try await client.command(
                ["ZADD", keys[partition].checks, "XX", "LT"] + page.flatMap { [String(second), $0.member] })
            return true
        }
    }

    /// The hours of a tenant and meter from `first` on to before `end` (hours since 1970) of
    /// which anything is known, the oldest first.
    public func standings(
        tenant: String, meter: String, from first: Int64, to end: Int64
    ) async throws(StoreError) -> [HourStanding] {
        let known = try await hours(tenant: tenant, meter: meter, from: first, to: end).filter {
            $0.usage != 0 || $0.late != 0 || $0.acknowledged != 0 || $0.sendingUntil != nil
        }
        guard !known.isEmpty else { return [] }
        let names = keys[keys.partition(of: tenant)]
        let members = known.map(\.key.member)
        let answers = try await client.pipeline([
            ["ZMSCORE", names.owed] + members, ["HMGET", names.dead] + members, ["ZMSCORE", names.checks] + members,
        ]).map(\.elements)
        guard answers.allSatisfy({ $0.count == known.count }) else {
            throw StoreError(.unexpected, "the standing of \(known.count) hours of \(tenant)")
        }
        return known.indices.map { index in
            HourStanding(
                hour: known[index], isOwed: answers[0][index] != .null,
                dead: answers[1][index].text.map { DeadLetter(stored: $0) },
                checkAt: Self.second(answers[2][index]))
        }
    }

    /// Tenants without a record of one partition, from the `offset`-th on, at most `limit`.
    public func strangers(
        partition: Int, offset: Int, limit: Int
    ) async throws(StoreError) -> [String] {
        try await client.command(
            ["ZRANGE", keys.strangers(partition), String(offset), String(offset + limit - 1)]
        ).elements.compactMap(\.text)
    }

    /// A score in Unix seconds; nil for none, or one that is no time of ours.
    private static func second(_ score: RedisValue) -> Int64? {
        score.text.flatMap { Double($0) }.flatMap { Int64(exactly: $0.rounded()) }
    }
}
