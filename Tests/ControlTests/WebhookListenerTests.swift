import HTTPLink
import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct WebhookListenerTests {
    private static func event(
        _ id: String, type: String = "invoice.created", object: String = "{\"id\":\"in_1\",\"customer\":\"cus_acme\"}"
    ) -> [UInt8] {
        Array(
            """
            {"id":"\(id)","object":"event","api_version":"2024-12-18.acacia","type":"\(type)",
            "data":{"object":\(object)}}
            """.utf8)
    }

    @Test func `an event is stored once, however often it comes`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            let body = Self.event("evt_1")
            let first = try await sender.send(body, header: hooks.signed(body))
            #expect(first.status == 200 && String(decoding: first.body, as: UTF8.self) == "{\"outcome\":\"stored\"}")
            let second = try await sender.send(body, header: hooks.signed(body, at: hooks.now - 1))
            #expect(second.status == 200 && String(decoding: second.body, as: UTF8.self) == "{\"outcome\":\"known\"}")
        }
        let events = try await hooks.pending()
        #expect(events.map(\.id) == ["evt_1"])
        #expect(events[0].object == "in_1" && events[0].customer == "cus_acme" && events[0].type == "invoice.created")
        for outcome in ["stored", "known"] {
            #expect(hooks.has("tollgate_webhook_events_total{type=\"invoice.created\",outcome=\"\(outcome)\"} 1"))
        }
    }

    @Test func `a thin event is stored with what it is about, or with itself`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            for (id, related) in [("evt_a", "{\"id\":\"mtr_1\",\"type\":\"billing.meter\"}"), ("evt_b", "null")] {
                let body = Array(
                    """
                    {"id":"\(id)","object":"v2.core.event","type":"v1.billing.meter.no_meter_found",
                    "created":"2026-01-15T10:20:52.051Z","related_object":\(related)}
                    """.utf8)
                let answer = try await sender.send(body, header: hooks.signed(body))
                #expect(answer.status == 200)
            }
        }
        #expect(try await hooks.pending().map(\.object) == ["mtr_1", "evt_b"])
    }

    @Test func `an event that is not followed is acknowledged, counted and not stored`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            let body = Self.event("evt_1", type: "customer.made.up")
            let answer = try await sender.send(body, header: hooks.signed(body))
            #expect(answer.status == 200)
        }
        #expect(try await hooks.pending().isEmpty)
        #expect(hooks.has("tollgate_webhook_events_total{type=\"other\",outcome=\"ignored\"} 1"))
    }

    @Test func `what Stripe did not sign is refused, and nothing of it is told`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            let body = Self.event("evt_secret_content")
            let headers = [
                nil, "", "t=1", hooks.signed(body, secret: "whsec_other"), hooks.signed([1]),
                hooks.signed(body, at: hooks.now - 301), hooks.signed(body, at: hooks.now + 301),
            ]
            for header in headers {
                let answer = try await sender.send(body, header: header)
                #expect(answer.status == 400, "\(header ?? "none")")
                #expect(String(decoding: answer.body, as: UTF8.self).contains("bad_signature"))
            }
        }
        #expect(try await hooks.pending().isEmpty)
        #expect(hooks.has("tollgate_webhook_events_total{type=\"none\",outcome=\"unsigned\"} 7"))
        let lines = hooks.rig.logs.lines
        #expect(lines.filter { $0.contains("was not signed by Stripe") }.count == 1, "it is said once")
        #expect(!lines.contains { $0.contains("evt_secret_content") || $0.contains("whsec_") })
    }

    @Test func `while a secret is rolled both count`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen(secrets: ["whsec_new", "whsec_old"]) { sender in
            for secret in ["whsec_new", "whsec_old"] {
                let body = Self.event("evt_\(secret)")
                let answer = try await sender.send(body, header: hooks.signed(body, secret: secret))
                #expect(answer.status == 200)
            }
        }
        #expect(try await hooks.pending().count == 2)
    }

    @Test func `a signed body that is no event is refused`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            for text in [
                "", "{", "[]", "{}", "{\"id\":\"evt_1\"}", "{\"id\":\"evt 1\",\"object\":\"event\",\"type\":\"x\"}",
                "{\"id\":\"evt_1\",\"object\":\"invoice\",\"type\":\"x\"}",
                "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"\"}", String(repeating: "[", count: 100_000),
            ] {
                let body = Array(text.utf8)
                let answer = try await sender.send(body, header: hooks.signed(body))
                #expect(answer.status == 400, "\(text.prefix(40))")
                #expect(String(decoding: answer.body, as: UTF8.self).contains("bad_event"))
            }
        }
    }

    @Test func `nothing else is served`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            for path in ["/", "/metrics", "/v1/tenants", "/webhooks/stripe/", "/webhooks"] {
                let answer = try await sender.send([], header: nil, path: path)
                #expect(answer.status == 404, "\(path)")
            }
            let wrong = try await sender.send([], header: nil, method: "GET")
            #expect(wrong.status == 405 && wrong.headers["Allow"] == "POST")
            let large = [UInt8](repeating: 32, count: (1 << 20) + 1)
            let refused = try await sender.send(large, header: hooks.signed(large))
            #expect(refused.status == 413)
        }
        #expect(hooks.has("tollgate_webhook_events_total{type=\"none\",outcome=\"too_large\"} 1"))
    }

    @Test func `an event is not acknowledged while Redis is away, keeps no file, or holds too many`() async throws {
        let hooks = try await WebhookRig()
        let redis = hooks.rig.redis
        try await hooks.listen { sender in
            func send(_ id: String) async throws -> Int {
                let body = Self.event(id)
                return try await sender.send(body, header: hooks.signed(body)).status
            }
            #expect(try await redis.cli("CONFIG", "SET", "appendonly", "no") == "OK")
            #expect(try await send("evt_1") == 503)
            #expect(try await redis.cli("CONFIG", "SET", "appendonly", "yes") == "OK")
            #expect(try await send("evt_1") == 200, "Stripe sends it again")
            let fill = "for i = 1, 9999 do redis.call('XADD', KEYS[1], '*', 'id', i) end"
            _ = try await redis.cli("EVAL", fill, "1", "tg:{webhooks}:events")
            #expect(try await send("evt_2") == 503)
            redis.kill()
            #expect(try await send("evt_1") == 503)
            try await redis.restart()
            #expect(try await send("evt_1") == 200, "it is known from the file")
        }
        #expect(try await hooks.pending().first?.id == "evt_1")
        #expect(hooks.has("tollgate_webhook_events_total{type=\"invoice.created\",outcome=\"full\"} 1"))
        #expect(hooks.has("tollgate_webhook_events_total{type=\"invoice.created\",outcome=\"unavailable\"} 2"))
    }

    @Test func `events that come together are stored each`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.listen { sender in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<60 {
                    let body = Self.event("evt_\(number % 30)")
                    let header = hooks.signed(body)
                    group.addTask { try await sender.send(body, header: header).status }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect(Set(try await hooks.pending().map(\.id)).count == 30)
        #expect(try await hooks.pending().count == 30)
    }
}
