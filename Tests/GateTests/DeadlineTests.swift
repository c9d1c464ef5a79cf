import Metering
import RESP
import Reactor
import RedisLink
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct DeadlineTests {
        @Test func `a frozen Redis is answered for at the deadline, and charges nobody when it thaws`() async throws {
            try await GateRig.run(deadline: 100_000) { gate in
                let client = try gate.connect()
                #expect(try client.call("TAKE", "acme", "messages").elements?[3].integer == 1)
                gate.redis.freeze()
                let start = ContinuousClock.now
                let replies = try client.pipeline([
                    ["TAKE", "acme", "messages"], ["CHECK", "acme", "calls"], ["FEATURE", "acme", "export"],
                    ["RECORD", "acme", "messages", "1"], ["LEVEL", "acme", "seats", "3"], ["USAGE", "acme"],
                    ["TAKE", "acme", "messages", "ID", "k1"], ["PING"],
                ])
                #expect(ContinuousClock.now - start < .milliseconds(600))
                for reply in replies[..<3] {
                    #expect(reply.elements?[0].integer == 0)
                    #expect(reply.elements?[1].text == "degraded")
                    #expect(reply.elements?[5].integer == 1000)
                }
                #expect(replies[0].elements?[2].text == "messages")
                #expect(replies[0].elements?[4].integer == 100_000)
                for reply in replies[3..<7] {
                    #expect(reply.errorText == "STORE Redis did not answer within the deadline")
                }
                #expect(replies[7] == .simple("PONG"))
                #expect(gate.metrics.value(.waiting) == 0)
                gate.redis.thaw()
                try await eventually("what came late is seen") { gate.metrics.value(.lateAnswers) == 7 }
                let rows = try client.call("USAGE", "acme", "messages", "seats")
                #expect(rows.elements?[0]["used"]?.integer == 1)
                #expect(rows.elements?[1]["used"]?.integer == 0)
            }
        }

        @Test func `a Redis that went away and came back decides again within a second`() async throws {
            try await GateRig.run(redis: ["appendonly yes", "appendfsync always"], deadline: 100_000) { gate in
                let client = try gate.connect()
                #expect(try client.call("TAKE", "acme", "messages").elements?[3].integer == 1)
                gate.redis.kill()
                try await eventually("the gate has seen it") { gate.metrics.value(.redisConnected) == 0 }
                let degraded = try client.call("TAKE", "acme", "messages").elements
                #expect(degraded?[1].text == "degraded" && degraded?[4].integer == 0, "no limit of another call's")
                #expect(try client.call("TAKE", "stranger", "messages").elements?[1].text == "degraded")
                try await gate.redis.restart()
                try await eventually(within: .seconds(1), "decisions are normal") {
                    try client.call("CHECK", "acme", "messages").elements?[1].text == "ok"
                }
                #expect(try client.call("TAKE", "acme", "calls").elements?[1].text == "ok")
                #expect(try client.call("TAKE", "acme", "messages").elements?[3].integer == 2)
                #expect(try client.call("TAKE", "stranger", "messages").elements?[3].integer == 1)
            }
        }

        @Test func `a tenant whose record cannot be read is refused, and others are not`() async throws {
            try await GateRig.run { gate in
                _ = try gate.redis.connect().call("HSET", gate.keys.tenant("broken"), "v", "1", "plan", "starter")
                let client = try gate.connect()
                let replies = try client.pipeline([["TAKE", "broken", "messages"], ["TAKE", "acme", "messages"]])
                #expect(replies[0].elements?[1].text == "degraded")
                #expect(replies[1].elements?[1].text == "ok")
                try gate.put("broken", plan: "starter")
                #expect(try client.call("TAKE", "broken", "messages").elements?[1].text == "ok")
            }
        }

        @Test func `a step of Redis's clock refuses nobody`() async throws {
            try await GateRig.run(deadline: 400_000, configure: GateRig.fullLedger) { gate in
                let client = try gate.connect()
                var used: Int64 = 0
                // Any answer of Redis puts the clock right, that to a sync too; so it may take more than one attempt.
                try await eventually("Redis has run a call too late") {
                    // As after an idle time in which Redis's clock was put ten seconds forward.
                    await gate.onLoop { $0.rewindClock(by: 10_000_000) }
                    used += 1
                    let taken = try client.call("TAKE", "acme", "messages").elements
                    #expect(taken?[1].text == "ok" && taken?[3].integer == used)
                    return gate.metrics.value(.expiredInRedis) > 0
                }
            }
        }

        @Test func `another record is followed by the next decision`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                #expect(try client.call("TAKE", "acme", "messages").elements?[4].integer == 100_000)
                try gate.put("acme", plan: "starter", version: 7) { $0.limits["messages"] = 2 }
                let replies = try client.pipeline((0..<3).map { _ in ["TAKE", "acme", "messages"] })
                #expect(replies.map { $0.elements?[1].text } == ["ok", "limit_exceeded", "limit_exceeded"])
                #expect(replies.map { $0.elements?[4].integer } == [2, 2, 2])
                try gate.put("acme", plan: "plus", version: 8)
                let taken = try client.call("TAKE", "acme", "messages")
                #expect(taken.elements?[3].integer == 3)
                #expect(taken.elements?[4].integer == -1)
            }
        }

        @Test func `a rate that the plan lost is not in the plan`() async throws {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                #expect(try client.call("TAKE", "acme", "calls").elements?[1].text == "ok")
                try gate.put("acme", plan: "plus", version: 2)
                #expect(try client.call("TAKE", "acme", "calls").elements?[1].text == "not_in_plan")
                #expect(try client.call("USAGE", "acme", "calls").elements?.first?["used"]?.integer == 0)
                let rows = try client.call("USAGE", "acme").elements ?? []
                #expect(!rows.isEmpty && !rows.contains { $0["meter"]?.text == "calls" })
            }
        }

        @Test func `a level that is stored against a refusal is never to be retried`() async throws {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter") { $0.restriction = Restriction("unpaid") }
                try gate.put("globex", plan: "plus")
                let client = try gate.connect()
                let restricted = try client.call("LEVEL", "acme", "seats", "3")
                #expect(restricted.elements?[1].text == "restricted")
                #expect(restricted.elements?[5].integer == -1)
                let foreign = try client.call("LEVEL", "globex", "seats", "0")
                #expect(foreign.elements?[1].text == "not_in_plan")
                #expect(foreign.elements?[5].integer == -1)
            }
        }
    }
}

extension GateServer {
    /// Makes what the gate knows of Redis's clock wrong by so many microseconds.
    fileprivate func rewindClock(by microseconds: Int64) {
        let shown = redis.clock.time(at: loop.now) - microseconds
        redis.clock = RedisClock()
        redis.clock.observe(redisTime: shown, received: loop.now)
    }
}
