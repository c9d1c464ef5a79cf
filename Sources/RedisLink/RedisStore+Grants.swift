extension RedisStore {
    /// Tenants of whose grants something is due by a second of Unix time, at most `limit` of each partition; of all
    /// that have grants when no second is given.
    public func tenantsWithGrants(dueBy second: Int64?, limit: Int) async throws(StoreError) -> [String] {
        try await client.pipeline(
            (0..<keys.partitions).map {
                [
                    "ZRANGEBYSCORE", keys.grants($0), "-inf", second.map { String($0) } ?? "+inf", "LIMIT", "0",
                    String(limit),
                ]
            }
        ).flatMap { $0.elements.compactMap(\.text) }
    }

    /// What a tenant has used of a counter in the periods that start at these seconds, as Redis knows it.
    public func used(
        _ tenant: String, _ counters: [(meter: String, period: Int64)]
    ) async throws(StoreError) -> [Int64] {
        try await client.pipeline(
            counters.map { ["HGET", keys.usage(tenant, $0.meter, period: $0.period), "used"] }
        ).map { max(0, $0.number ?? 0) }
    }

    /// Whether the tenant's partition is still being told what it forgot, so that its usage says nothing yet.
    public func isLearning(_ tenant: String) async throws(StoreError) -> Bool {
        try await client.command(["HGET", keys.life(keys.partition(of: tenant)), "until"]).text != "0"
    }
}
