import Foundation
import RedisLink

extension ControlAPI {
    /// The most entries that one request reads while it looks for those its filters let through.
    private static let mostAudited = 20_000

    /// A page of what was changed, newest last, of all tenants or of one.
    func listAudit(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("after", "limit", "since", "until", "action", "tenant")
        let tenant = request.query["tenant"]
        if let tenant { try Self.checkID(tenant) }
        return try await audit(AuditQuery(request, tenant: tenant))
    }

    /// The same of the tenant in the path.
    func listTenantAudit(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("after", "limit", "since", "until", "action")
        let tenant = request.parameter("id")
        try Self.checkID(tenant)
        return try await audit(AuditQuery(request, tenant: tenant))
    }

    private func audit(_ query: AuditQuery) async throws -> ControlAnswer {
        let store = context.store
        let now = try await store.time() / 1000
        // Once that millisecond is over, nothing is added to it: whoever goes on behind it misses nothing.
        try await Task.sleep(for: .milliseconds(1))
        let last = min(query.until ?? now, now)
        let partitions = query.tenant.map { [store.keys.partition(of: $0)] } ?? Array(0..<store.keys.partitions)
        var reader = AuditReader(store: store, partitions: partitions, after: query.after, through: last)
        var page: [AuditEntry] = []
        var place = query.after
        var isAtEnd = false
        while page.count < query.limit, reader.read < Self.mostAudited {
            guard let entry = try await reader.next() else {
                isAtEnd = true
                break
            }
            place = entry.place
            if query.takes(entry) { page.append(entry) }
        }
        if isAtEnd { place = max(place ?? .end(of: last), .end(of: last)) }
        return .json(
            JSONValue.object([
                "entries": .array(page.map(Self.view)), "next": isAtEnd ? .null : .optional(place?.text),
                "place": .optional(place?.text),
            ]))
    }

    private static func view(_ entry: AuditEntry) -> JSONValue {
        var before = document(entry.note.before)
        // The script that removes a record tells it as it is stored.
        if entry.note.action == "tenant.remove", case .object(let fields) = before {
            before = .object(AuditChange.told(fields))
        }
        return .object([
            "id": .string(entry.place.text), "time": .string(InstantText.text(milliseconds: entry.place.milliseconds)),
            "tenant": .string(entry.tenant), "action": .string(entry.note.action), "actor": .string(entry.note.actor),
            "reason": text(entry.note.reason), "before": before,
            "after": document(entry.note.after), "from": .string(entry.from),
        ])
    }

    private static func text(_ text: String) -> JSONValue { text.isEmpty ? .null : .string(text) }

    /// An object as it was told; what is none, because another release wrote it, is shown as text.
    private static func document(_ text: String) -> JSONValue {
        guard !text.isEmpty else { return .null }
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            return .string(text)
        }
    }
}
