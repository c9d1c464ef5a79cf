import Logging
import RedisLink

extension ControlAPI {
    /// A page of the events that wait to be applied, or of those that were given up, the oldest first.
    func listWebhooks(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("state", "after", "limit")
        let limit = try request.pageLimit()
        let state = request.query["state"] ?? "pending"
        let after = try request.query["after"].map(Self.eventPlace)
        let page: [StoredEvent]
        switch state {
        case "pending": page = try await context.store.events(after: after, limit: limit + 1)
        case "dead": page = try await context.store.deadEvents(after: after, limit: limit + 1)
        default: throw Problem.badRequest("state is pending or dead, not \"\(state)\"", code: "bad_state")
        }
        let counts = try await context.store.eventCounts()
        let next = page.count > limit ? page[limit - 1].place : nil
        return .json(
            JSONValue.object([
                "events": .array(page.prefix(limit).map(Self.view)), "next": .optional(next),
                "pending": .integer(counts.pending), "dead": .integer(counts.dead),
            ]))
    }

    /// Has an event that was given up applied again.
    func retryWebhook(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("event")
        switch try await context.store.reviveEvent(id: id) {
        case .revived:
            context.logger.notice(
                "a webhook is to be applied again", metadata: ["event": "\(id)", "actor": "\(request.actor)"])
            return .json(JSONValue.object(["event": .string(id), "state": .string("pending")]))
        case .unknown: throw Problem.notFound("no event \"\(id)\" was given up", code: "no_such_event")
        case .full: throw Problem.unavailable("too many events wait already", code: "full")
        }
    }

    private static func view(_ event: StoredEvent) -> JSONValue {
        .object([
            "event": .string(event.id), "type": .string(event.type), "object": .string(event.object),
            "received_at": .string(InstantText.text(milliseconds: event.receivedAt)),
            "attempts": .integer(Int64(event.attempts)),
            "next_attempt_at": event.notBefore == 0
                ? .null : .string(InstantText.text(milliseconds: event.notBefore)),
            "reason": .optional(event.trouble.isEmpty ? nil : event.trouble),
        ])
    }

    /// A place in a stream, as Redis writes it.
    private static func eventPlace(_ text: String) throws(Problem) -> String {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ UInt64($0) != nil }) else {
            throw .badRequest("after is what an earlier page gave as next, not \"\(text)\"", code: "bad_cursor")
        }
        return text
    }
}
