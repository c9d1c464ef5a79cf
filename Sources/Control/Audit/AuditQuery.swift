import RedisLink

/// Which audit entries a caller wants.
struct AuditQuery {
    /// Behind which place, or from which time on.
    let after: AuditPlace?
    /// Up to which time, in milliseconds since the Unix epoch; nil for all there are.
    let until: Int64?
    let tenant: String?
    let limit: Int
    private let action: String

    init(_ request: ControlRequest, tenant: String?) throws(Problem) {
        limit = try request.pageLimit()
        action = request.query["action"] ?? ""
        self.tenant = tenant
        // Up to a time is up to the millisecond before it.
        until = try Self.instant(request, "until").map { max(0, $0 - 1) }
        let since = try Self.instant(request, "since")
        let start = since.flatMap { $0 > 0 ? AuditPlace.end(of: $0 - 1) : nil }
        guard let text = request.query["after"] else {
            after = start
            return
        }
        guard let place = AuditPlace(text) else {
            throw .badRequest("after is what an earlier page gave as next, not \"\(text)\"", code: "bad_cursor")
        }
        after = start.map { max($0, place) } ?? place
    }

    /// Whether an entry is one of those wanted, among those of the tenant's partition and time.
    func takes(_ entry: AuditEntry) -> Bool {
        (tenant == nil || entry.tenant == tenant) && (action.isEmpty || entry.note.action.hasPrefix(action))
    }

    private static func instant(_ request: ControlRequest, _ name: String) throws(Problem) -> Int64? {
        guard let text = request.query[name] else { return nil }
        guard let seconds = InstantText.seconds(text), seconds >= 0 else {
            throw .badRequest(
                "\(name): \"\(text)\" is neither a date (2026-01-31) nor a time (2026-01-31T10:17:00Z)",
                code: "bad_time")
        }
        return seconds * 1000
    }
}
