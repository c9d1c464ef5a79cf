import RESP
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct ConnectionTests {
        @Test func `a stop answers what is under way, and lets nobody in`() async throws {
            try await GateRig.run(deadline: 10_000_000) { gate in
                let client = try gate.connect()
                let idle = try gate.connect()
                _ = try client.call("TAKE", "acme", "messages")
                _ = try idle.call("PING")
                gate.redis.freeze()
                try client.send(["TAKE", "acme", "messages"])
                try client.send(["PING"])
                try await eventually("both are read") { gate.metrics.value(.requests) == 4 }
                await gate.stop()
                #expect(try idle.readToEnd().isEmpty)
                gate.redis.thaw()
                #expect(try client.read().elements?[3].integer == 2)
                #expect(try client.read() == .simple("PONG"))
                #expect(throws: TestFailure.self) { try client.read() }
                try await eventually("the socket is gone") {
                    do {
                        _ = try gate.connect()
                        return false
                    } catch { return true }
                }
            }
        }

        @Test func `a client that hangs up is let go at once`() async throws {
            try await GateRig.run(deadline: 4_000_000) { gate in
                let watcher = try gate.connect()
                _ = try watcher.call("CHECK", "acme", "messages")
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                let client = try gate.connect()
                try client.send(["TAKE", "acme", "messages"])
                try await eventually("its call is out") { gate.metrics.value(.waiting) == 1 }
                client.close()
                try await eventually(within: .seconds(2), "the client is gone") {
                    gate.metrics.value(.connections) == 1
                }
                #expect(try watcher.call("PING") == .simple("PONG"))
            }
        }

        @Test func `usage recorded right before hanging up is counted`() async throws {
            try await GateRig.run { gate in
                for _ in 0..<20 {
                    let client = try gate.connect()
                    try client.send(raw: String(repeating: "RECORD acme messages 1\r\n", count: 50))
                    client.close()
                }
                let client = try gate.connect()
                try await eventually("all is counted") {
                    try client.call("USAGE", "acme", "messages").elements?[0]["used"]?.integer == 1000
                }
            }
        }

        @Test func `the client past the bound is told so and closed`() async throws {
            try await GateRig.run(configure: { $0.maxConnections = 2 }) { gate in
                let clients = [try gate.connect(), try gate.connect()]
                for client in clients { _ = try client.call("PING") }
                let third = try gate.connect()
                #expect(try third.readToEnd() == Array("-ERR max number of clients reached\r\n".utf8))
                clients[0].close()
                // Until there is, the gate may have closed the connection before the client has sent anything.
                try await eventually("there is room again") {
                    (try? gate.connect().call("PING")) == .simple("PONG")
                }
            }
        }

        @Test func `a user who is not named is turned away`() async throws {
            try await GateRig.run(configure: { $0.allowedUserIDs = [4_000_000] }) { gate in
                let line = "-NOPERM this user may not use this socket (gate.allow_uids)\r\n"
                let client = try gate.connect()
                #expect(try client.readToEnd() == Array(line.utf8))
                #expect(gate.metrics.value(.rejected) == 1)
            }
        }

        @Test func `a silent client is closed after the idle time`() async throws {
            try await GateRig.run(configure: { $0.idleTimeout = 100_000 }) { gate in
                let client = try gate.connect()
                try client.send(raw: "TAKE acme")
                #expect(try client.readToEnd().isEmpty)
            }
        }

        @Test func `bytes that are no request end their connection alone`() async throws {
            try await GateRig.run { gate in
                let other = try gate.connect()
                let client = try gate.connect()
                try client.send(raw: "PING\r\n*1\r\n:5\r\nPING\r\n")
                #expect(try client.read() == .simple("PONG"))
                #expect(try client.read().errorText?.hasPrefix("ERR Protocol error") == true)
                #expect(throws: TestFailure.self) { try client.read() }
                #expect(try other.call("PING") == .simple("PONG"))
                #expect(gate.metrics.value(.protocolErrors) == 1)
            }
        }

        @Test func `decisions are arrays in RESP2 and maps in RESP3`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let two = try client.call("TAKE", "acme", "messages", "3")
                #expect(
                    two
                        == .array([
                            .integer(1), .bulk("ok"), .bulk("messages"), .integer(3), .integer(100_000), .integer(0),
                            .bulk(""),
                        ]))
                let hello = try client.helloThree()
                #expect(hello["server"]?.text == "tollgate")
                #expect(hello["proto"]?.integer == 3)
                let three = try client.call("TAKE", "acme", "messages", "seats", "9")
                #expect(three.errorText == "BADARG n of messages: must be an integer from 1 to 999999999999999")
                let refused = try client.call("TAKE", "acme", "messages", "1", "seats", "9")
                guard case .map(let pairs) = refused else {
                    Issue.record("\(refused)")
                    return
                }
                #expect(
                    pairs.map(\.key.text) == [
                        "allowed", "reason", "meter", "used", "limit", "retry_after_ms", "reservation",
                    ]
                )
                #expect(refused["reason"]?.text == "too_large")
                #expect(refused["meter"]?.text == "seats")
                #expect(refused["retry_after_ms"]?.integer == -1)
                #expect(try client.call("CHECK", "acme", "messages")["used"]?.integer == 4)
                let counts = try client.call("RECORD", "acme", "tokens", "120", "messages", "0")
                #expect(
                    counts
                        == .array([
                            .array([.bulk("tokens"), .integer(120), .integer(120), .integer(20)]),
                            .array([.bulk("messages"), .integer(0), .integer(3), .integer(0)]),
                        ]))
                #expect(try client.call("USAGE", "acme", "seats").elements?[0]["period_start"] == .null)
            }
        }

        @Test func `a reload decides by the new catalogue`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                #expect(try client.call("CHECK", "stranger", "messages").elements?[1].text == "ok")
                await gate.onLoop { server in server.receive(.reload(server.rules.configuration, .strict)) }
                #expect(try client.call("CHECK", "stranger", "messages").elements?[1].text == "unknown_tenant")
            }
        }
    }
}

extension RESPValue {
    static func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }
}
