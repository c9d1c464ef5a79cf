import Billing
import Metering
import RedisLink

extension ControlAPI {
    /// The most owed hours that one request reads while it looks for a tenant's.
    private static let mostRead = 20_000

    /// A page of what is owed, the oldest hour first.
    func listOutbox(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("after", "limit", "tenant")
        let limit = try request.pageLimit()
        let cursor = try request.query["after"].map(Self.cursor)
        let counts = try await context.store.owedCounts()
        var partitions = counts.indices.filter { counts[$0] > 0 }
        let tenant = request.query["tenant"]
        if let tenant {
            try Self.checkID(tenant)
            let own = context.store.keys.partition(of: tenant)
            partitions = partitions.filter { $0 == own }
        }
        var reader = OwedReader(store: context.store, partitions: partitions, after: cursor)
        var page: [StoredHour] = []
        var read = 0
        var last: StoredHour.Key?
        var isAtEnd = false
        while page.count <= limit, read < Self.mostRead, !isAtEnd {
            let wanted = tenant == nil ? limit + 1 - page.count : 256
            let hours = try await reader.next(wanted)
            isAtEnd = hours.count < wanted
            read += hours.count
            last = hours.last?.key ?? last
            page += hours.filter { tenant == nil || $0.key.tenant == tenant }
        }
        let isWhole = isAtEnd && page.count <= limit
        if page.count > limit {
            page.removeLast(page.count - limit)
            last = page.last?.key
        }
        return .json(
            JSONValue.object([
                "owed": .array(try await views(of: page)), "next": isWhole ? .null : .optional(last.map(Self.text)),
                "count": .integer(Int64(counts.reduce(0, +))),
            ]))
    }

    private func views(of hours: [StoredHour]) async throws -> [JSONValue] {
        zip(hours, try await flusher.states(of: hours)).map { hour, state in
            .object([
                "tenant": .string(hour.key.tenant), "meter": .string(hour.key.meter),
                "hour": .string(InstantText.text(hour: hour.key.hour)), "total": .integer(hour.total),
                "acknowledged": .integer(hour.acknowledged), "owed": .integer(hour.total - hour.acknowledged),
                "state": .string(state.name), "detail": .string(state.description),
            ])
        }
    }

    /// A place in the list: an hour, a meter and a tenant. Only the tenant may hold a colon.
    static func cursor(_ text: String) throws(Problem) -> StoredHour.Key {
        let parts = text.split(separator: ":", maxSplits: 2).map { String($0) }
        guard parts.count == 3, let hour = Int64(parts[0]), hour >= 0, Identifier.isName(parts[1]),
            Identifier.isTenantID(parts[2])
        else { throw .badRequest("after is what an earlier page gave as next, not \"\(text)\"", code: "bad_cursor") }
        return StoredHour.Key(tenant: parts[2], meter: parts[1], hour: hour)
    }

    static func text(_ key: StoredHour.Key) -> String { "\(key.hour):\(key.meter):\(key.tenant)" }

    static func checkID(_ id: String) throws(Problem) {
        guard Identifier.isTenantID(id) else {
            throw .badRequest("a tenant id is 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -, not \"\(id)\"", code: "bad_id")
        }
    }
}
