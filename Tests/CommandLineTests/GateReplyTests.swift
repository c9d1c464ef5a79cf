import RESP
import Testing

@testable import tollgate

@Suite struct `Replies of the gate` {
    private let plain = TextStyle(isColored: false)

    private func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }

    private func decision(
        _ allowed: Int64, _ reason: String, used: Int64, limit: Int64, retry: Int64 = 0
    ) throws -> GateDecision {
        try GateDecision(
            .array([
                .integer(allowed), bulk(reason), bulk("messages"), .integer(used), .integer(limit), .integer(retry),
                bulk(""),
            ]))
    }

    @Test func `a decision reads the same from an array and from a map`() throws {
        let names = ["allowed", "reason", "meter", "used", "limit", "retry_after_ms", "reservation", "later"]
        let values: [RESPValue] = [
            .integer(0), bulk("limit_exceeded"), bulk("messages"), .integer(1000), .integer(1000), .integer(60_000),
            bulk(""), .double(1.5),
        ]
        let map = try GateDecision(
            .map(zip(names, values).map { RESPValue.Pair(key: bulk($0), value: $1) }))
        #expect(try GateDecision(.array(values)) == map)
        #expect(
            map.document.document == """
                {"allowed":false,"limit":1000,"meter":"messages","reason":"limit_exceeded","reservation":"",\
                "retry_after_ms":60000,"used":1000}
                """)
    }

    @Test func `a decision in words`() throws {
        #expect(try decision(1, "ok", used: 42, limit: 1000).text(plain) == "allowed: messages 42 of 1000 used\n")
        #expect(try decision(1, "ok", used: 42, limit: -1).text(plain) == "allowed: messages 42 used, unlimited\n")
        #expect(
            try decision(1, "overage", used: 1001, limit: 1000).text(plain)
                == "allowed (overage): messages 1001 of 1000 used\n")
        #expect(
            try decision(0, "limit_exceeded", used: 1000, limit: 1000, retry: 90_000).text(plain)
                == "refused (limit_exceeded): messages 1000 of 1000 used; can succeed in 1m 30s\n")
        #expect(
            try decision(0, "too_large", used: 0, limit: 5, retry: -1).text(plain)
                == "refused (too_large): messages 0 of 5 used; waiting does not help\n")
    }

    @Test func `a reply of another shape is a fault`() throws {
        let replies: [RESPValue] = [.simple("PONG"), .array([]), .null, .array([.integer(1), .integer(2)])]
        for reply in replies {
            let failure = try #require(throws: CommandFailure.self) { _ = try GateDecision(reply) }
            #expect(failure.outcome == .fault)
        }
        #expect(throws: CommandFailure.self) { _ = try GateCounts(.array([.array([.integer(1)])])) }
        #expect(throws: CommandFailure.self) { _ = try GateUsage(tenant: "acme", .array([.array([.integer(1)])])) }
    }

    @Test func `counts are rows`() throws {
        let counts = try GateCounts(
            .array([.array([bulk("tokens"), .integer(5), .integer(105), .integer(0)])]))
        #expect(
            counts.document.document
                == #"{"counts":[{"counted":5,"meter":"tokens","overage":0,"used":105}]}"#)
        #expect(
            counts.text(plain) == """
                METER   COUNTED  USED  OVERAGE
                tokens        5   105        0

                """)
    }

    @Test func `usage has its periods as times and keeps fields of a later release`() throws {
        let row: [RESPValue] = [
            bulk("meter"), bulk("messages"), bulk("kind"), bulk("counter"), bulk("used"), .integer(42), bulk("limit"),
            .integer(1000), bulk("percent"), .integer(4), bulk("period_start"), .integer(1_793_491_200),
            bulk("period_end"), .integer(1_796_083_200), bulk("later"), .null,
        ]
        let level: [RESPValue] = [
            bulk("meter"), bulk("seats"), bulk("kind"), bulk("level"), bulk("used"), .integer(3), bulk("limit"),
            .integer(-1), bulk("percent"), .null, bulk("period_start"), .null, bulk("period_end"), .null,
        ]
        let usage = try GateUsage(tenant: "acme", .array([.array(row), .array(level)]))
        #expect(
            usage.text(plain) == """
                METER     KIND     USED      LIMIT  PERCENT  FROM                  UNTIL
                messages  counter    42       1000       4%  2026-11-01T00:00:00Z  2026-12-01T00:00:00Z
                seats     level       3  unlimited

                """)
        #expect(usage.rows[0]["period_end"] == .text("2026-12-01T00:00:00Z"))
        #expect(usage.document.document.contains(#""later":null"#))
        #expect(try GateUsage(tenant: "acme", .array([])).text(plain) == "no meters\n")
    }

    @Test(arguments: [
        ("BADARG n: must be at most 999999999999999", Outcome.usage), ("NOMETER messages", .usage),
        ("NOTENANT acme", .usage), ("ERR unknown command", .usage),
        ("STORE Redis did not answer within the deadline", .unreachable), ("BUSY retry", .unreachable),
        ("NOPERM", .unreachable), ("ERR max number of clients reached", .unreachable),
    ])
    func `an error reply keeps its words and has its exit code`(text: String, outcome: Outcome) {
        #expect(GateErrorReply(text).failure == CommandFailure(text, outcome))
    }
}
