/// A notice as its stream has it.
public struct StoredNotice: Sendable, Equatable {
    /// The id of its entry.
    public var id: String
    /// Whom it is about, what happened, and what is told of it (JSON).
    public var tenant, type, data: String

    /// Takes its parts as they are.
    public init(id: String, tenant: String, type: String, data: String) {
        self.id = id
        self.tenant = tenant
        self.type = type
        self.data = data
    }
}

extension RedisStore {
    /// Says that `token`, which nobody else has, delivers notices for so long from now; 0 lets go. False when another
    /// does.
    public func holdNotifier(token: String, milliseconds: Int64) async throws(StoreError) -> Bool {
        try await client.run(.notifierHold, keys: [keys.notifier], [token, String(milliseconds)]).number == 1
    }

    /// The notices of each partition that come after its cursor (nil: all), in their order, at most `limit` each.
    public func notices(after cursors: [String?], limit: Int) async throws(StoreError) -> [[StoredNotice]] {
        let commands = cursors.enumerated().map { partition, cursor in
            ["XRANGE", keys.notices(partition), cursor.map { "(\($0)" } ?? "-", "+", "COUNT", String(limit)]
        }
        return try await client.pipeline(commands).map { answer in
            answer.elements.compactMap { entry in
                guard entry.elements.count == 2, let id = entry.elements[0].text else { return nil }
                let fields = Self.pairs(entry.elements[1])
                return StoredNotice(
                    id: id, tenant: fields["tenant"] ?? "", type: fields["type"] ?? "", data: fields["data"] ?? "")
            }
        }
    }

    /// A notice was delivered.
    public func removeNotice(partition: Int, id: String) async throws(StoreError) {
        _ = try await client.command(["XDEL", keys.notices(partition), id])
    }

    /// Gives a notice up, and says so in the audit stream.
    ///
    /// - Parameters:
    ///   - actor: who gives it up, and `holder`, on which daemon.
    ///   - auditMilliseconds: how long the audit entry is kept.
    public func dropNotice(
        _ notice: StoredNotice, partition: Int, actor: String, reason: String, holder: String,
        auditMilliseconds: Int64
    ) async throws(StoreError) {
        let said = "{\"type\":\"\(notice.type)\",\"data\":\(notice.data)}"
        _ = try await client.run(
            .noticeDrop, keys: [keys.notices(partition), keys.audit(partition)],
            [notice.id, String(auditMilliseconds), notice.tenant, actor, reason, said, holder])
    }

    /// How many notices wait to be delivered.
    public func noticeCount() async throws(StoreError) -> Int {
        try await client.pipeline((0..<keys.partitions).map { ["XLEN", keys.notices($0)] })
            .reduce(0) { $0 + Int($1.number ?? 0) }
    }
}
