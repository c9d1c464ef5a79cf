import Foundation
import Metering
import RESP
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct ExplainTests {
        /// The fields of names and values by turns.
        private static func fields(_ reply: RESPValue) -> [String: RESPValue] {
            let elements = reply.elements ?? []
            var fields: [String: RESPValue] = [:]
            for index in stride(from: 0, to: elements.count - 1, by: 2) {
                fields[elements[index].text ?? ""] = elements[index + 1]
            }
            return fields
        }

        private static func explain(_ client: GateClient, _ words: String...) throws -> [String: RESPValue] {
            let reply = try client.call(["EXPLAIN"] + words)
            #expect(reply.errorText == nil)
            return fields(reply)
        }

        private static func lastRefusal(_ client: GateClient, _ tenant: String) throws -> [String: RESPValue] {
            try explain(client, tenant)["last_refusal"].map(fields) ?? [:]
        }

        @Test func `usage tells what follows from it, for counters, rates and levels`() async throws {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "tokens", "130", "calls", "4", "seats", "2")
                _ = try client.call("RESERVE", "acme", "tokens", "10")
                let rows = try (client.call("USAGE", "acme", "tokens", "calls", "seats").elements ?? []).map(
                    Self.fields)
                let (tokens, calls, seats) = (rows[0], rows[1], rows[2])
                #expect(tokens["used"]?.integer == 130 && tokens["reserved"]?.integer == 10)
                #expect(tokens["overage"]?.integer == 30 && tokens["mode"]?.text == "overage")
                #expect(tokens["granted"]?.integer == 0 && tokens["resets_at"] == tokens["period_end"])
                #expect((130...13_000).contains(tokens["projected"]?.integer ?? 0))
                #expect(calls["used"]?.integer == 4 && calls["projected"] == .null && calls["overage"]?.integer == 0)
                // Four cells of a minute each flow back in four minutes.
                let asOf = (calls["as_of"]?.integer ?? 0) / 1000
                #expect((230...241).contains((calls["resets_at"]?.integer ?? 0) - asOf))
                #expect(seats["used"]?.integer == 2 && seats["resets_at"] == .null && seats["reserved"]?.integer == 0)
            }
        }

        @Test func `units of grants are told as part of the limit`() async throws {
            try await GateRig.run { gate in
                let second = await gate.onLoop { $0.redisSecond }
                let period = PeriodCalendar(.gmt).period(for: .month, at: second, tenant: nil)
                try gate.put("acme", plan: "starter") {
                    $0.grants = [
                        Grant(
                            id: "g1", meter: "tokens", units: 40, givenAt: second, expires: second + 3600, by: "uid:0",
                            reason: "sorry", period: period, base: 0)
                    ]
                }
                let rows = try gate.connect().call("USAGE", "acme", "tokens", "seats").elements ?? []
                let tokens = Self.fields(rows[0])
                #expect(tokens["limit"]?.integer == 140 && tokens["granted"]?.integer == 40)
                #expect(Self.fields(rows[1])["granted"]?.integer == 0)
            }
        }

        @Test func `the last refusal is remembered with its reason and who decided`() async throws {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter") { $0.limits["messages"] = 5 }
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "messages", "5")
                #expect(try Self.lastRefusal(client, "acme").isEmpty)
                _ = try client.call("TAKE", "acme", "messages", "2")
                var refusal = try Self.lastRefusal(client, "acme")
                #expect(refusal["reason"]?.text == "limit_exceeded" && refusal["decided_by"]?.text == "redis")
                #expect(refusal["command"]?.text == "take" && refusal["meter"]?.text == "messages")
                #expect(refusal["amount"]?.integer == 2 && refusal["used"]?.integer == 5)
                #expect(refusal["limit"]?.integer == 5 && (refusal["retry_after_ms"]?.integer ?? 0) > 0)
                _ = try client.call("TAKE", "acme", "messages", "6")
                refusal = try Self.lastRefusal(client, "acme")
                #expect(refusal["reason"]?.text == "too_large" && refusal["decided_by"]?.text == "lease")
                _ = try client.call("CHECK", "acme", "late")
                #expect(try Self.lastRefusal(client, "acme")["reason"]?.text == "not_in_plan")
                _ = try client.call("CHECK", "acme", "seats", "3")
                #expect(try Self.lastRefusal(client, "acme")["reason"]?.text == "not_in_plan", "that was allowed")
                _ = try client.call("CHECK", "acme", "seats", "6")
                #expect(try Self.lastRefusal(client, "acme")["decided_by"]?.text == "redis")
                try gate.put("acme", plan: "starter", version: 2) { $0.restriction = Restriction("fraud") }
                _ = try client.call("TAKE", "acme", "messages")
                let shown = try Self.explain(client, "acme")
                refusal = Self.fields(shown["last_refusal"] ?? .null)
                #expect(refusal["reason"]?.text == "restricted" && refusal["decided_by"]?.text == "record")
                #expect(shown["access"]?.text == "restricted" && shown["restricted"]?.text == "fraud")
                _ = try client.call("FEATURE", "acme", "sso")
                #expect(try Self.lastRefusal(client, "acme")["meter"]?.text == "messages", "a feature is no meter")
            }
        }

        @Test func `a lease in hand is told with the meter, and what is not in the plan when it is named`() async throws
        {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "messages", "7")
                let shown = try Self.explain(client, "acme", "messages")
                #expect(shown["plan"]?.text == "starter" && shown["plan_from"]?.text == "record")
                let meter = Self.fields(shown["meters"]?.elements?.first ?? .null)
                #expect(meter["used"]?.integer == 7 && meter["in_plan"]?.integer == 1)
                let lease = Self.fields(meter["lease"] ?? .null)
                #expect(lease["spent"]?.integer == 7 && (lease["granted"]?.integer ?? 0) >= 7)
                #expect((lease["lasts_ms"]?.integer ?? 0) > 0)
                let late = Self.fields(try Self.explain(client, "acme", "late")["meters"]?.elements?.first ?? .null)
                #expect(late["in_plan"]?.integer == 0 && late["lease"] == .null)
                #expect(try Self.explain(client, "acme")["meters"]?.elements?.count == 4)
                #expect(try client.call("EXPLAIN", "acme", "nope").errorText?.hasPrefix("NOMETER") == true)
                #expect(try client.call("EXPLAIN", "acme", "late", "seats").errorText?.hasPrefix("ERR wrong") == true)
            }
        }

        @Test func `a tenant that nobody put is explained, with and without a default plan`() async throws {
            try await GateRig.run { gate in
                let shown = try Self.explain(try gate.connect(), "nobody")
                #expect(shown["access"]?.text == "ok" && shown["plan_from"]?.text == "default_plan")
            }
            try await GateRig.run(.strict) { gate in
                let client = try gate.connect()
                _ = try client.call("TAKE", "nobody", "messages")
                let shown = try Self.explain(client, "nobody")
                #expect(shown["access"]?.text == "unknown_tenant" && shown["plan"] == .null)
                #expect(Self.fields(shown["last_refusal"] ?? .null)["reason"]?.text == "unknown_tenant")
                #expect(shown["meters"]?.elements?.isEmpty == true)
            }
        }

        @Test func `while Redis is silent, what is known here is explained`() async throws {
            try await GateRig.run(deadline: 50_000) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                try await eventually("it is counted") {
                    try client.call("TAKE", "acme", "messages", "7").elements?[0].integer == 1
                }
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                let shown = try Self.explain(client, "acme", "messages")
                let meter = Self.fields(shown["meters"]?.elements?.first ?? .null)
                #expect(meter["meter"]?.text == "messages" && meter["limit"]?.integer == 100_000)
                #expect(meter["used"] == nil, "only Redis knows that")
                #expect((Self.fields(meter["lease"] ?? .null)["spent"]?.integer ?? 0) >= 7)
                #expect(try client.call("EXPLAIN", "other").errorText?.hasPrefix("STORE") == true)
            }
        }

        @Test func `the control plane is told what the gate knows, or that nobody says`() async throws {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "messages", "100001")
                let (known, unknown) = await gate.onLoop { server in
                    var readings: [TenantReading?] = []
                    // Carried out at once, on this thread.
                    for tenant in ["acme", "nobody"] { readings.append(server.reading(of: tenant)) }
                    return (readings[0], readings[1])
                }
                #expect(known?.lastRefusal?.reason == .tooLarge && known?.version == "1")
                #expect(known?.leases.map(\.reading.key.meter) == ["messages"])
                #expect(unknown?.version == nil && unknown?.leases.isEmpty == true)
            }
            await confirmation { isLetGo in
                GateServer.Message.explain("acme", done: { if $0 == nil { isLetGo() } }).dismiss()
            }
        }
    }
}
