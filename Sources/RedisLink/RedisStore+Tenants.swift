/// What came of removing a tenant.
public enum TenantRemoval: Sendable, Equatable {
    /// The record is gone, and so many hours that Stripe does not have were dropped with it.
    case removed(droppedHours: Int)
    /// There was no such record.
    case unknown
    /// Kept: so many hours Stripe does not have, since they are owed, or because it refused them for good.
    case owed(hours: Int)
}

extension RedisStore {
    /// A tenant's record; nil when there is none.
    public func tenant(_ id: String) async throws(StoreError) -> StoredTenant? {
        Self.record(id, try await client.command(["HGETALL", keys.tenant(id)]))
    }

    /// Writes a record whole, and who did it to the audit stream. Returns nil, and writes nothing, when the record is
    /// no longer the one in `version` (nil: no record).
    public func putTenant(
        _ id: String, fields: [String: String], replacing version: String?, noting note: AuditNote
    ) async throws(StoreError) -> StoredTenant? {
        // Random, not counted up: a Redis restored from a backup would count the same numbers again, for other content.
        let next = Int64.random(in: 1...Int64.max)
        let partition = keys.partition(of: id)
        let arguments = fields.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        let written = try await client.run(
            .tenantPut,
            keys: [
                keys.tenant(id), keys.tenants(partition), keys.strangers(partition), keys.records,
                keys.audit(partition), keys.grants(partition), keys[partition].customers,
            ],
            [version ?? "", String(next), id] + note.arguments(origin) + arguments)
        guard written.number == 1 else { return nil }
        return StoredTenant(id: id, version: String(next), fields: fields)
    }

    /// Removes a record and the tenant's levels of `levelMeters`. Refused while Stripe lacks hours, unless `force`.
    /// What was removed is told to the audit stream by the script, which alone sees it: `note` has no say in that.
    public func removeTenant(
        _ id: String, levelMeters: [String], force: Bool, noting note: AuditNote
    ) async throws(StoreError) -> TenantRemoval {
        let partition = keys.partition(of: id)
        let levels = levelMeters.map { keys.level(id, $0) }
        let answer = try await client.run(
            .tenantRemove,
            keys: [
                keys.tenant(id), keys.tenants(partition), keys.owed(partition), keys.records, keys.audit(partition),
                keys.grants(partition), keys[partition].dead, keys[partition].customers, keys[partition].drafts,
            ] + levels,
            [id, force ? "1" : "0", String(Int64.random(in: 1 ... .max))] + note.arguments(origin)
        ).elements.map { Int($0.number ?? 0) }
        guard answer.count == 2 else { throw StoreError(.unexpected, "removing \(id): no two numbers") }
        if answer[1] > 0, !force { return .owed(hours: answer[1]) }
        // What a tenant without a record owed may have been dropped as well.
        return answer[0] == 1 || answer[1] > 0 ? .removed(droppedHours: answer[1]) : .unknown
    }

    /// The records of these tenants, of those that have one, in one pipeline.
    public func tenants(ids: [String]) async throws(StoreError) -> [StoredTenant] {
        let records = try await client.pipeline(ids.map { ["HGETALL", keys.tenant($0)] })
        return zip(ids, records).compactMap { Self.record($0, $1) }
    }

    /// The records whose ids come after `cursor`, in byte order, at most `limit` (1 … 1000).
    public func tenants(after cursor: String?, limit: Int) async throws(StoreError) -> [StoredTenant] {
        let from = cursor.map { "(\($0)" } ?? "-"
        let pages = try await client.pipeline(
            (0..<keys.partitions).map {
                ["ZRANGE", keys.tenants($0), from, "+", "BYLEX", "LIMIT", "0", String(limit)]
            })
        let ids = pages.flatMap { $0.elements.compactMap(\.text) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(limit)
        let records = try await client.pipeline(ids.map { ["HGETALL", keys.tenant($0)] })
        return zip(ids, records).compactMap { Self.record($0, $1) }
    }

    /// How many tenants have records, and how many without one have used something.
    public func tenantCounts() async throws(StoreError) -> (tenants: Int64, strangers: Int64) {
        let counts = try await client.pipeline(
            (0..<keys.partitions).flatMap { [["ZCARD", keys.tenants($0)], ["ZCARD", keys.strangers($0)]] }
        ).map { $0.number ?? 0 }
        var sums: (tenants: Int64, strangers: Int64) = (0, 0)
        for (index, count) in counts.enumerated() {
            if index % 2 == 0 { sums.tenants += count } else { sums.strangers += count }
        }
        return sums
    }

    /// A record from the answer of HGETALL; nil when it is empty.
    static func record(_ id: String, _ answer: RedisValue) -> StoredTenant? {
        var fields = pairs(answer)
        guard let version = fields.removeValue(forKey: "v") else { return nil }
        return StoredTenant(id: id, version: version, fields: fields)
    }

    static func pairs(_ answer: RedisValue) -> [String: String] {
        let elements = answer.elements
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            if let name = elements[index].text, let value = elements[index + 1].text { fields[name] = value }
        }
        return fields
    }
}
