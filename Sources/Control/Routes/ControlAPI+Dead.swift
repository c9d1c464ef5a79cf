import Billing
import Metering
import RedisLink

extension ControlAPI {
    /// The most hours that one request retries or drops.
    private static let mostSettled = 500

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
                "dead": .array(rows.map { Self.view($0.key, $0.letter) }),
                "next": hasMore ? .optional(rows.last.map { Self.text($0.key) }) : .null,
                "count": .integer(Int64(count)),
            ]))
    }

    /// Makes dead hours owed again, some at a time.
    func retryDead(_ request: ControlRequest) async throws -> ControlAnswer {
        try await settle(request, action: "outbox.retry", field: "retried") { (key, form, note) throws(StoreError) in
            try await context.store.revive(key, form: form, noting: note)
        }
    }

    /// Writes dead hours off, some at a time: Stripe is never told of them.
    func dropDead(_ request: ControlRequest) async throws -> ControlAnswer {
        try await settle(request, action: "outbox.drop", field: "dropped") { (key, form, note) throws(StoreError) in
            try await context.store.drop(key, form: form, has: 0, seen: 0, noting: note)
        }
    }

    private func settle(
        _ request: ControlRequest, action: String, field: String,
        _ change: (StoredHour.Key, SendForm, AuditNote) async throws(StoreError) -> Bool
    ) async throws -> ControlAnswer {
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
            .page(after: cursor, limit: Self.mostSettled)
        let catalogue = context.catalogue()
        var settled: [JSONValue] = []
        for (key, letter) in rows {
            let form: SendForm = catalogue.meter(key.meter)?.stripe?.mode == .sum ? .range : .total
            let note = AuditNote(
                action: action, actor: request.actor, reason: reason, before: Self.audited(key, letter),
                after: Self.audited(key, state: action == "outbox.drop" ? "dropped" : "owed"))
            // False: somebody else was quicker, or its total has changed since.
            if try await change(key, form, note) { settled.append(Self.view(key, letter)) }
        }
        return .json(
            JSONValue.object([
                field: .array(settled), "next": hasMore ? .optional(rows.last.map { Self.text($0.key) }) : .null,
            ]))
    }

    private static func view(_ key: StoredHour.Key, _ letter: DeadLetter) -> JSONValue {
        .object([
            "tenant": .string(key.tenant), "meter": .string(key.meter),
            "hour": .string(InstantText.text(hour: key.hour)), "total": .integer(letter.total),
            "code": .string(letter.code), "message": .string(letter.message), "request": .optional(letter.request),
            "since": .string(InstantText.text(letter.at)),
        ])
    }

    private static func audited(_ key: StoredHour.Key, _ letter: DeadLetter) -> String {
        document([
            "meter": .string(key.meter), "hour": .string(InstantText.text(hour: key.hour)), "state": .string("dead"),
            "total": .integer(letter.total), "code": .string(letter.code),
        ])
    }

    private static func audited(_ key: StoredHour.Key, state: String) -> String {
        document([
            "meter": .string(key.meter), "hour": .string(InstantText.text(hour: key.hour)), "state": .string(state),
        ])
    }

    private static func document(_ members: [String: JSONValue]) -> String {
        String(decoding: ControlAnswer.json(JSONValue.object(members)).body, as: UTF8.self)
    }
}
