import Metering
import RESP
import Reactor
import RedisLink
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct RateTests {
        /// `busy` flows fast, `steady` has a cell each 10 ms, `slow` one each minute.
        private static let catalogue = Catalogue(
            meters: [
                Meter(name: "messages", kind: .counter, cycle: .month),
                Meter(name: "busy", kind: .rate, cycle: .minute), Meter(name: "steady", kind: .rate, cycle: .minute),
                Meter(name: "slow", kind: .rate, cycle: .hour),
                Meter(name: "watched", kind: .rate, cycle: .hour), Meter(name: "open", kind: .rate, cycle: .hour),
                Meter(name: "shut", kind: .rate, cycle: .hour),
            ],
            plans: [
                Plan(
                    slug: "starter", name: "Starter",
                    limits: [
                        "messages": Limit(value: 100_000), "busy": Limit(value: 6_000_000, burst: 100_000),
                        "steady": Limit(value: 6_000, burst: 1_000), "slow": Limit(value: 60, burst: 10),
                        "watched": Limit(value: 60, mode: .shadow, burst: 10), "open": Limit(value: Amount.unlimited),
                        "shut": Limit(value: 0),
                    ]),
                Plan(slug: "plus", name: "Plus", limits: ["slow": Limit(value: 60, burst: 20)]),
            ])

        private static func run(_ body: (GateRig, GateClient) async throws -> Void) async throws {
            try await GateRig.run(catalogue) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                // The record is read, and changes of it are heard of, before anything is counted.
                #expect(try client.call("CHECK", "acme", "slow").elements?[1].text == "ok")
                try await eventually("the gate hears of changes") {
                    await gate.onLoop { $0.news.heardSince < .max }
                }
                try await body(gate, client)
            }
        }

        /// How many scripts Redis has run.
        private static func scripts(_ gate: GateRig) throws -> Int {
            let info = try gate.redis.connect().call("INFO", "commandstats").text ?? ""
            let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_evalsha:") } ?? ""
            return Int(line.dropFirst("cmdstat_evalsha:calls=".count).prefix { $0.isNumber }) ?? 0
        }

        private static func reason(_ reply: RESPValue) -> String? { reply.elements?[1].text }

        @Test func `a busy rate needs Redis for few of its calls`() async throws {
            try await Self.run { gate, client in
                let before = try Self.scripts(gate)
                for _ in 0..<10_000 { #expect(try Self.reason(client.call("TAKE", "acme", "busy")) == "ok") }
                let count = try Self.scripts(gate) - before
                #expect(count < 500, "\(count) scripts for 10,000 calls")
                #expect(gate.metrics.value(.rateBatches) > 0)
            }
        }

        @Test func `a call that asks seldom takes no batch`() async throws {
            try await Self.run { gate, client in
                let replies = try (0..<3).map { _ in try client.call("TAKE", "acme", "busy", "50") }
                #expect(replies.map(Self.reason) == ["ok", "ok", "ok"])
                #expect(gate.metrics.value(.rateBatches) == 0)
            }
        }

        @Test func `the whole burst gets through in one go, batches or not, and used counts up`() async throws {
            try await Self.run { gate, client in
                let replies = try client.pipeline(Array(repeating: ["TAKE", "acme", "steady"], count: 1_000))
                #expect(replies.allSatisfy { Self.reason($0) == "ok" })
                #expect(gate.metrics.value(.rateBatches) > 0)
                let used = replies.compactMap { $0.elements?[3].integer }
                #expect(used[..<20] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20][...])
                #expect(zip(used, used.dropFirst()).allSatisfy { $1 <= $0 + 2 }, "what is in hand is free")
            }
        }

        @Test func `a flood of refusals costs no Redis until the retry time, which counts down`() async throws {
            try await Self.run { gate, client in
                let first = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow"], count: 11))
                #expect(first.map(Self.reason) == Array(repeating: "ok", count: 10) + ["rate_limited"])
                let before = gate.metrics.value(.decidedByRedis)
                var last = try #require(first[10].elements?[5].integer)
                for _ in 0..<3 {
                    let replies = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow"], count: 500))
                    #expect(replies.allSatisfy { Self.reason($0) == "rate_limited" })
                    let retry = try #require(replies[499].elements?[5].integer)
                    #expect(retry < last && retry > last - 5_000)
                    #expect(replies[499].elements?[3].integer == 10 && replies[499].elements?[4].integer == 60)
                    last = retry
                    try await Task.sleep(for: .milliseconds(200))
                }
                let two = try #require(client.call("TAKE", "acme", "slow", "2").elements?[5].integer)
                #expect((last + 55_000...last + 60_000).contains(two), "one more cell comes an interval later")
                #expect(try Self.reason(client.call("CHECK", "acme", "slow")) == "rate_limited")
                #expect(try Self.reason(client.call("TAKE", "acme", "slow", "11")) == "too_large")
                #expect(gate.metrics.value(.decidedByRedis) == before)
                #expect(gate.metrics.value(.rateRefusalsRemembered) == 1_502)
            }
        }

        @Test func `a rate whose key an operator has deleted is soon free, and a flood until then costs little`()
            async throws
        {
            try await Self.run { gate, client in
                let first = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow"], count: 11))
                #expect(Self.reason(first[10]) == "rate_limited")
                #expect(try gate.redis.connect().call("DEL", gate.keys.rate("acme", "slow")).integer == 1)
                let before = try Self.scripts(gate)
                var calls = 0
                try await eventually("the rate is free") {
                    calls += 50
                    let replies = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow", "9"], count: 50))
                    return replies.contains { Self.reason($0) == "ok" }
                }
                let count = try Self.scripts(gate) - before
                #expect(count < calls / 10, "\(count) scripts for \(calls) calls")
            }
        }

        @Test func `a refusal is believed as long as the Redis that said it, and not for ever`() {
            let meter = Self.catalogue.meters[3]
            let terms = RateTerms(meter, Self.catalogue.plans[0].limits[meter.name])
            let rate = HeldRate(meterName: Array(meter.name.utf8), terms: terms, horizon: 300_000)
            rate.refused(1, retryAfterMilliseconds: 60_000, sentAt: 1_000, at: 1_100, edition: 1)
            #expect(rate.retry(1, now: 2_000, edition: 1) != nil)
            #expect(rate.retry(1, now: 2_000, edition: 2) == nil, "Redis has forgotten it")
            #expect(rate.retry(1, now: 5_001_000, edition: 1) == nil)
            rate.asks(now: 5_001_000)
            #expect(rate.retry(1, now: 5_001_001, edition: 1) != nil, "one asks for all")
            #expect(rate.retry(1, now: 5_101_000, edition: 1) == nil)
        }

        @Test func `a refusal ends when it said it would`() async throws {
            try await Self.run { gate, client in
                var reply = try client.call("TAKE", "acme", "steady", "1000")
                while Self.reason(reply) == "ok" { reply = try client.call("TAKE", "acme", "steady", "5") }
                for _ in 0..<5 {
                    let retry = try #require(reply.elements?[5].integer)
                    #expect((1...50).contains(retry))
                    try await Task.sleep(for: .milliseconds(retry))
                    #expect(try Self.reason(client.call("TAKE", "acme", "steady", "5")) == "ok")
                    reply = try client.call("TAKE", "acme", "steady", "5")
                }
            }
        }

        @Test func `cells that were not used are given back with the next ask`() async throws {
            try await Self.run { gate, client in
                let start = ContinuousClock.now
                for _ in 0..<200 { #expect(try Self.reason(client.call("TAKE", "acme", "steady")) == "ok") }
                let left = await gate.onLoop { $0.inHand("acme") }
                #expect(left > 0)
                try await Task.sleep(for: .milliseconds(250))
                let flowed = Int64((ContinuousClock.now - start) / .milliseconds(10))
                let used = try #require(client.call("TAKE", "acme", "steady").elements?[3].integer)
                #expect(used <= max(1, 202 - flowed), "\(left) were in hand, and \(flowed) have flowed back")
                #expect(await gate.onLoop { $0.inHand("acme") } == 0)
            }
        }

        @Test func `two gates together never pass the burst and the rate of the time and one life`() async throws {
            try await Self.run { gate, client in
                try await GateRig.run(beside: gate, Self.catalogue) { other in
                    let second = try other.connect()
                    let start = ContinuousClock.now
                    var allowed: Int64 = 0
                    while ContinuousClock.now - start < .seconds(1) {
                        for caller in [client, second] {
                            let replies = try caller.pipeline(Array(repeating: ["TAKE", "acme", "steady"], count: 50))
                            allowed += Int64(replies.count { Self.reason($0) == "ok" })
                        }
                    }
                    let span = Int64((ContinuousClock.now - start) / .milliseconds(1))
                    #expect(allowed <= 1_000 + (span + 100) / 10 + 1)
                    #expect(allowed >= 1_000 + span / 10 - 30, "hands that are full starve nobody")
                    #expect(gate.metrics.value(.rateBatches) > 0 && other.metrics.value(.rateBatches) > 0)
                }
            }
        }

        @Test func `a counter and a rate are taken together from lease and hand, or not at all`() async throws {
            try await Self.run { gate, client in
                for _ in 0..<100 {
                    #expect(try Self.reason(client.call("TAKE", "acme", "messages", "2", "busy", "1")) == "ok")
                    try await Task.sleep(for: .milliseconds(1))
                }
                let before = try Self.scripts(gate)
                for _ in 0..<2_000 {
                    #expect(try Self.reason(client.call("TAKE", "acme", "messages", "2", "busy", "1")) == "ok")
                }
                #expect(try Self.scripts(gate) - before < 400)
                let used = try client.call("CHECK", "acme", "messages", "1").elements?[3].integer
                #expect(used == 4_201)
                _ = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow"], count: 11))
                let refused = try client.call("TAKE", "acme", "messages", "1", "slow", "1").elements
                #expect(refused?[1].text == "rate_limited" && refused?[2].text == "slow")
                let late = try client.call("TAKE", "acme", "slow", "1", "messages", "100001").elements
                #expect(late?[1].text == "too_large" && late?[2].text == "messages", "the more telling reason")
                #expect(try client.call("CHECK", "acme", "messages", "1").elements?[3].integer == 4_201)
            }
        }

        @Test func `of a used up limit and a used up rate the limit is the reason, and Redis is asked but once`()
            async throws
        {
            try await Self.run { gate, client in
                #expect(try Self.reason(client.call("TAKE", "acme", "messages", "99999")) == "ok")
                _ = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow"], count: 11))
                let replies = try (0..<50).map { _ in try client.call("TAKE", "acme", "slow", "1", "messages", "2") }
                #expect(replies.allSatisfy { Self.reason($0) == "limit_exceeded" })
                let before = try Self.scripts(gate)
                #expect(try Self.reason(client.call("TAKE", "acme", "slow", "1", "messages", "2")) == "limit_exceeded")
                #expect(try Self.scripts(gate) - before < 3)
            }
        }

        @Test func `another plan is followed at once, refusals or not`() async throws {
            try await Self.run { gate, client in
                let replies = try client.pipeline(Array(repeating: ["TAKE", "acme", "slow"], count: 12))
                #expect(Self.reason(replies[11]) == "rate_limited")
                try gate.put("acme", plan: "plus", version: 2)
                let reply = try client.call("TAKE", "acme", "slow").elements
                #expect(reply?[1].text == "ok" && reply?[3].integer == 11)
                #expect(try Self.reason(client.call("TAKE", "acme", "busy")) == "not_in_plan")
            }
        }

        @Test func `no limit and a limit of nothing need no Redis, and a shadow refuses nobody`() async throws {
            try await Self.run { gate, client in
                let before = gate.metrics.value(.decidedByRedis)
                for _ in 0..<20 {
                    let open = try client.call("TAKE", "acme", "open", "7").elements
                    #expect(open?[1].text == "ok" && open?[3].integer == 0 && open?[4].integer == -1)
                    let shut = try client.call("TAKE", "acme", "shut").elements
                    #expect(shut?[1].text == "too_large" && shut?[5].integer == -1)
                }
                #expect(gate.metrics.value(.decidedByRedis) == before)
                let watched = try client.pipeline(Array(repeating: ["TAKE", "acme", "watched"], count: 30))
                #expect(watched[..<10].allSatisfy { Self.reason($0) == "ok" })
                #expect(watched[10...].allSatisfy { Self.reason($0) == "shadow" })
            }
        }

        @Test func `while Redis is silent what is in hand goes on to its end`() async throws {
            try await GateRig.run(Self.catalogue, deadline: 50_000) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                for _ in 0..<500 { _ = try client.call("TAKE", "acme", "busy") }
                let left = await gate.onLoop { $0.inHand("acme") }
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                if left > 10 { #expect(try Self.reason(client.call("TAKE", "acme", "busy")) == "ok") }
                try await Task.sleep(for: .milliseconds(120))
                #expect(try Self.reason(client.call("TAKE", "acme", "busy")) == "degraded")
            }
        }
    }
}

extension GateServer {
    /// Cells in hand of all the rates of a tenant.
    fileprivate func inHand(_ tenant: String) -> Int64 {
        directory.known(tenant)?.rates.compactMap { $0?.hand.outstanding(now: loop.now) }.reduce(0, +) ?? 0
    }
}
