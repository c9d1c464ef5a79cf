/// A tenant's level, as it was set last.
public struct StoredLevel: Sendable, Equatable {
    /// How high it is.
    public let used: Int64
    /// When it was set, in Unix microseconds; nil before it ever was.
    public let setAt: Int64?
    /// Which holder set it.
    public let holder: String?
}

/// What a partition remembers, and since when.
public struct StoredLife: Sendable, Equatable {
    /// The run id of the Redis that the life began in.
    public let run: String
    /// When it began, in Unix microseconds.
    public let born: Int64
    /// Until when it learns at least, in Unix microseconds; nil once it has learned.
    public let learnsUntil: Int64?
}

extension RedisStore {
    /// How a tenant's counters and what it has in flight stand in periods that start at these seconds.
    public func usages(
        _ tenant: String, _ meters: [(name: String, period: Int64)]
    ) async throws(StoreError) -> [StoredUsage] {
        guard !meters.isEmpty else { return [] }
        let usages = try await client.run(
            .usageRead, keys: meters.map { keys.usage(tenant, $0.name, period: $0.period) }, []
        ).elements.compactMap(StoredUsage.init)
        guard usages.count == meters.count else {
            throw StoreError(.unexpected, "the usage of \(tenant): \(usages.count) of \(meters.count) meters")
        }
        return usages
    }

    /// A tenant's levels of these meters.
    public func levels(_ tenant: String, _ meters: [String]) async throws(StoreError) -> [StoredLevel] {
        try await client.pipeline(meters.map { ["HMGET", keys.level(tenant, $0), "used", "at", "by"] }).map {
            let fields = $0.elements
            return StoredLevel(
                used: fields.first?.number ?? 0, setAt: fields.dropFirst().first?.number, holder: fields.last?.text)
        }
    }

    /// The arrival times of a tenant's rates, in Unix microseconds; nil for a whole burst.
    public func arrivals(_ tenant: String, _ meters: [String]) async throws(StoreError) -> [Int64?] {
        // Since when cells may be given back stands behind a space.
        try await client.pipeline(meters.map { ["GET", keys.rate(tenant, $0)] }).map {
            $0.text?.split(separator: " ").first.flatMap { Int64($0) }
        }
    }

    /// Which life the tenant's partition is in; nil before the first sync.
    public func life(of tenant: String) async throws(StoreError) -> StoredLife? {
        let key = keys.life(keys.partition(of: tenant))
        let fields = try await client.command(["HMGET", key, "run", "born", "until"]).elements
        guard fields.count == 3, let run = fields[0].text, let born = fields[1].number else { return nil }
        let until = fields[2].number ?? 0
        return StoredLife(run: run, born: born, learnsUntil: until == 0 ? nil : until)
    }

    /// The hours of a UTC day (days since 1970) in which something was counted, oldest first.
    public func hours(_ tenant: String, _ meter: String, day: Int64) async throws(StoreError) -> [StoredHour] {
        try await hours(tenant, meter, Array(day * 24..<(day + 1) * 24)).filter {
            $0.total != 0 || $0.acknowledged != 0
        }
    }

    /// The hours of this range that are owed to Stripe, oldest first.
    public func owedHours(
        _ tenant: String, _ meter: String, in range: ClosedRange<Int64>
    ) async throws(StoreError) -> [StoredHour] {
        let members = range.map { KeySpace.owedMember(hour: $0, meter: meter, tenant: tenant) }
        let owed = keys.owed(keys.partition(of: tenant))
        let scores = try await client.command(["ZMSCORE", owed] + members).elements
        return try await hours(tenant, meter, zip(range, scores).filter { $0.1 != .null }.map(\.0))
    }

    /// The days read at once, so that a long range does not take all the calls that may wait.
    private static let daysAtOnce = 100

    /// These hours as they stand.
    func hours(_ tenant: String, _ meter: String, _ hours: [Int64]) async throws(StoreError) -> [StoredHour] {
        let days = Set(hours.map { $0 / 24 }).sorted()
        var fields: [Int64: [String: String]] = [:]
        for start in stride(from: 0, to: days.count, by: Self.daysAtOnce) {
            let part = days[start..<min(start + Self.daysAtOnce, days.count)]
            let found = try await client.pipeline(part.map { ["HGETALL", keys.day(tenant, meter, day: $0)] })
            for (day, answer) in zip(part, found) { fields[day] = Self.pairs(answer) }
        }
        return hours.map {
            StoredHour(key: StoredHour.Key(tenant: tenant, meter: meter, hour: $0), day: fields[$0 / 24] ?? [:])
        }
    }
}
