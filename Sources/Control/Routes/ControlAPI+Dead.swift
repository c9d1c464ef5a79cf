import Billing
import Metering
import RedisLink

extension ControlAPI {
    /// The most hours that one request retries, and that one drops, which may take a read of Stripe each.
    private static let mostRetried = 500
    private static let mostDropped = 100

    /// A page of what Stripe refused for good, the oldest hour first.
    func listDead(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("after", "limit", "tenant", "meter", "hour")
        let limit = try request.pageLimit()
        let cursor = try request.query["after"].map(Self.cursor)
        let filter = try DeadFilter(
            tenant: request.query["tenant"], meter: request.query["meter"], hour: request.query["hour"])
        let (rows, hasMore) = try await DeadList(store: context.store, filter: filter)
            .page(after: cursor, limit: limit)
        let count = try await context.store.deadCounts().reduce(0, +)
        return .json(
            JSONValue.object([
                "dead": .array(rows.map { .object(Self.view($0.key, $0.letter)) }),
                "next": hasMore ? .optional(rows.last.map { Self.text($0.key) }) : .null,
                "count": .integer(Int64(count)),
            ]))
    }

    /// Makes dead hours owed again, some at a time.
    func retryDead(_ request: ControlRequest) async throws -> ControlAnswer {
        let (rows, next, reason) = try await chosen(request, most: Self.mostRetried)
        var retried: [JSONValue] = []
        for (key, letter) in rows {
            let note = AuditNote(
                action: "outbox.retry", actor: request.actor, reason: reason, before: Self.audited(key, letter),
                after: Self.audited(key, ["state": .string("owed")]))
            // False: somebody else was quicker.
            if try await context.store.revive(key, form: form(key), noting: note) {
                retried.append(.object(Self.view(key, letter)))
            }
        }
        return .json(JSONValue.object(["retried": .array(retried), "next": next]))
    }

    /// Writes off what Stripe does not have of dead hours, some at a time: it is never told of it. What was used since
    /// an hour died is owed again.
    func dropDead(_ request: ControlRequest) async throws -> ControlAnswer {
        let (rows, next, reason) = try await chosen(request, most: Self.mostDropped)
        // All of it first: where it is not known what Stripe has, nothing is dropped.
        let held = try await DeadHolding(context: context).held(rows.map(\.key))
        var dropped: [JSONValue] = []
        for (key, letter) in rows {
            guard let (has, hour) = held[key] else { continue }
            let units = hour.writeOff(seen: letter.total, has: has)
            let note = AuditNote(
                action: "outbox.drop", actor: request.actor, reason: reason, before: Self.audited(key, letter),
                after: Self.audited(
                    key, ["state": .string("dropped"), "dropped": .integer(units), "stripe": .integer(has)]))
            // False: somebody else was quicker.
            if try await context.store.drop(key, form: form(key), has: has, seen: letter.total, noting: note) {
                dropped.append(.object(Self.view(key, letter).merging(["dropped": .integer(units)]) { $1 }))
            }
        }
        return .json(JSONValue.object(["dropped": .array(dropped), "next": next]))
    }

    private func form(_ key: StoredHour.Key) -> SendForm {
        context.catalogue().meter(key.meter)?.stripe?.mode == .sum ? .range : .total
    }

    /// The hours that a request is about, some of them, where the next begin, and its reason.
    private func chosen(
        _ request: ControlRequest, most: Int
    ) async throws -> (rows: [(key: StoredHour.Key, letter: DeadLetter)], next: JSONValue, reason: String) {
        try request.allowQuery()
        let body = try RequestFields(request, allowing: "tenant", "meter", "hour", "all", "after", "reason")
        let filter = try DeadFilter(
            tenant: try body.text("tenant"), meter: try body.text("meter"), hour: try body.text("hour"))
        guard try body.flag("all") != !filter.isOpen else {
            throw Problem.badRequest(
                "say which hours are meant: tenant, meter, hour or several of them; or all", code: "bad_field")
        }
        let reason = try ReasonText.require(body["reason"])
        let cursor = try body.text("after").map(Self.cursor)
        let (rows, hasMore) = try await DeadList(store: context.store, filter: filter)
            .page(after: cursor, limit: most)
        return (rows, hasMore ? .optional(rows.last.map { Self.text($0.key) }) : .null, reason)
    }

    private static func view(_ key: StoredHour.Key, _ letter: DeadLetter) -> [String: JSONValue] {
        [
            "tenant": .string(key.tenant), "meter": .string(key.meter),
            "hour": .string(InstantText.text(hour: key.hour)), "total": .integer(letter.total),
            "code": .string(letter.code), "message": .string(letter.message), "request": .optional(letter.request),
            "since": .string(InstantText.text(letter.at)),
        ]
    }

    private static func audited(_ key: StoredHour.Key, _ letter: DeadLetter) -> String {
        document([
            "meter": .string(key.meter), "hour": .string(InstantText.text(hour: key.hour)), "state": .string("dead"),
            "total": .integer(letter.total), "code": .string(letter.code),
        ])
    }

    private static func audited(_ key: StoredHour.Key, _ members: [String: JSONValue]) -> String {
        document(
            ["meter": .string(key.meter), "hour": .string(InstantText.text(hour: key.hour))].merging(members) { $1 })
    }

    private static func document(_ members: [String: JSONValue]) -> String {
        String(decoding: ControlAnswer.json(JSONValue.object(members)).body, as: UTF8.self)
    }
}
