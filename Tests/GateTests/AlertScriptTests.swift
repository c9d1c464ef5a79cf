import RESP
import TestSupport
import Testing

@testable import RedisLink

extension GateSuite {
    /// `alert.lua` in a Redis of its own.
    @Suite struct AlertScriptTests {
        private struct Alert {
            var label = "80%"
            var total: Int64 = 80
            var direction = "up"
        }

        private struct Bench {
            let redis: RedisServer
            let client: GateClient
            let keys = KeySpace(prefix: "tg:", partitions: 1)

            init() async throws {
                redis = try await RedisServer.start()
                client = try redis.connect()
                _ = try client.call("SCRIPT", "LOAD", String(decoding: Script.alert.source, as: UTF8.self))
                _ = try client.call("HSET", keys.tenant("acme"), "v", "1")
            }

            func total(_ isLevel: Bool) -> String {
                isLevel ? keys.level("acme", "m") : keys.usage("acme", "m", period: 1000)
            }

            func use(_ used: Int64, isLevel: Bool = false) throws {
                _ = try client.call("HSET", total(isLevel), "used", String(used))
            }

            /// The words of a look at the total.
            func words(
                _ alerts: [Alert], isLevel: Bool = false, limit: Int64 = 100, version: String = "1", most: Int = 100
            ) -> [String] {
                let period = isLevel ? ["", ""] : ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]
                return [
                    "EVALSHA", String(decoding: Script.alert.digest, as: UTF8.self), "4", keys.tenant("acme"),
                    total(isLevel), keys.audit(0), keys.notices(0), version, isLevel ? "level" : "counter", "acme", "m",
                    "starter", String(limit),
                ] + period + ["gate:h1.0", "h1", "1000000", String(most)]
                    + alerts.flatMap { [$0.label, String($0.total), $0.direction] }
            }

            /// What a look says was crossed, such as `80% up`.
            func look(
                _ alerts: [Alert], isLevel: Bool = false, version: String = "1", most: Int = 100
            ) throws -> [String] {
                let words = words(alerts, isLevel: isLevel, version: version, most: most)
                return Self.crossings(try client.call(words))
            }

            static func crossings(_ reply: RESPValue) -> [String] {
                let texts = (reply.elements ?? []).dropFirst(2).compactMap(\.text)
                return stride(from: 0, to: texts.count - 1, by: 2).map { "\(texts[$0]) \(texts[$0 + 1])" }
            }

            func count(_ key: String) throws -> Int64? { try client.call("XLEN", key).integer }
        }

        @Test func `many that look at once tell of a crossing once`() async throws {
            let bench = try await Bench()
            try bench.use(100)
            let clients = try (0..<8).map { _ in try bench.redis.connect() }
            let words = bench.words([Alert(), Alert(label: "100%", total: 100)])
            var crossed: [String] = []
            for _ in 0..<50 {
                for client in clients { try client.send(words) }
                for client in clients { crossed += Bench.crossings(try client.read()) }
            }
            #expect(crossed == ["80% up", "100% up"])
            #expect(try bench.count(bench.keys.audit(0)) == 2 && bench.count(bench.keys.notices(0)) == 2)
        }

        @Test func `the entries say what was crossed, by whose limit, and when the period is`() async throws {
            let bench = try await Bench()
            try bench.use(85)
            #expect(try bench.look([Alert()]) == ["80% up"])
            func fields(_ key: String) throws -> [String] {
                let entry = try bench.client.call("XRANGE", key, "-", "+").elements?[0]
                return (entry?.elements?[1].elements ?? []).compactMap(\.text)
            }
            let facts = """
                "meter":"m","threshold":"80%","direction":"up","used":85,"limit":100,\
                "period_start":"2026-11-01T00:00:00Z","period_end":"2026-12-01T00:00:00Z"
                """
            #expect(
                try fields(bench.keys.audit(0)) == [
                    "tenant", "acme", "action", "threshold.crossed", "actor", "gate:h1.0", "reason", "", "before", "",
                    "after", "{\(facts)}", "from", "h1",
                ])
            #expect(
                try fields(bench.keys.notices(0)) == [
                    "type", "threshold.crossed", "tenant", "acme", "data",
                    "{\"tenant\":\"acme\",\(facts),\"plan\":\"starter\"}",
                ])
            #expect(try bench.client.call("TTL", bench.keys.audit(0)).integer == -1)
            #expect(try bench.client.call("TTL", bench.keys.notices(0)).integer ?? 0 > 6 * 86_400)
        }

        @Test func `nothing is told by a limit of another record`() async throws {
            let bench = try await Bench()
            try bench.use(85)
            #expect(try bench.client.call(bench.words([Alert()], version: "2")).elements?.isEmpty == true)
            #expect(try bench.count(bench.keys.audit(0)) == 0)
            #expect(try bench.look([Alert()]) == ["80% up"])
        }

        @Test func `a look at nothing leaves nothing behind`() async throws {
            let bench = try await Bench()
            #expect(try bench.look([Alert(direction: "both")]).isEmpty)
            #expect(try bench.client.call("EXISTS", bench.total(false)).integer == 0)
        }

        @Test func `what was crossed does not change what the other scripts read`() async throws {
            let bench = try await Bench()
            try bench.use(85)
            _ = try bench.client.call("EXPIREAT", bench.total(false), "4000000000")
            _ = try bench.look([Alert()])
            #expect(try bench.client.call("HGET", bench.total(false), "used").text == "85")
            #expect(try bench.client.call("EXPIRETIME", bench.total(false)).integer == 4_000_000_000)
            #expect(try bench.client.call("HGET", bench.total(false), "^80%").text == "85 1 0")
        }

        @Test func `a notice without room is written to the audit stream instead`() async throws {
            let bench = try await Bench()
            try bench.use(100)
            let reply = try bench.client.call(
                bench.words([Alert(), Alert(label: "100%", total: 100)], most: 1))
            #expect(reply.elements?[1].integer == 1 && Bench.crossings(reply) == ["80% up", "100% up"])
            #expect(try bench.count(bench.keys.notices(0)) == 1)
            let entries = try bench.client.call("XRANGE", bench.keys.audit(0), "-", "+").elements ?? []
            let actions = entries.map { $0.elements?[1].elements?[3].text }
            #expect(actions == ["threshold.crossed", "threshold.crossed", "notice.dropped"])
            #expect(entries[2].elements?[1].elements?[7].text == "1 notices wait")
        }

        @Test(arguments: [false, true])
        func `a crossing that could not be told is told when it is looked at again`(isLevel: Bool) async throws {
            let bench = try await Bench()
            try bench.use(85, isLevel: isLevel)
            for spoiled in [bench.keys.audit(0), bench.keys.notices(0)] {
                _ = try bench.client.call("SET", spoiled, "no stream")
                #expect(try bench.client.call(bench.words([Alert()], isLevel: isLevel)).errorText != nil)
                #expect(try bench.client.call("HEXISTS", bench.total(isLevel), "^80%").integer == 0)
                _ = try bench.client.call("DEL", spoiled)
            }
            #expect(try bench.client.call("EXISTS", bench.keys.audit(0), bench.keys.notices(0)).integer == 0)
            #expect(try bench.look([Alert()], isLevel: isLevel) == ["80% up"])
            #expect(try bench.count(bench.keys.audit(0)) == 1 && bench.count(bench.keys.notices(0)) == 1)
        }

        @Test func `without an endpoint no notice is written`() async throws {
            let bench = try await Bench()
            try bench.use(100)
            #expect(try bench.look([Alert()], most: 0) == ["80% up"])
            #expect(try bench.client.call("EXISTS", bench.keys.notices(0)).integer == 0)
        }

        @Test func `the script and its twin tell of the same crossings`() async throws {
            let bench = try await Bench()
            var random = SeededRandom(for: "thresholds")
            for isLevel in [false, true] {
                for _ in 0..<40 {
                    _ = try bench.client.call("DEL", bench.total(isLevel))
                    var twin = AlertTwin(isLevel: isLevel)
                    for step in 0..<40 {
                        let limit: Int64 = [50, 100, 100, 100, 200].randomElement(using: &random) ?? 100
                        let used = Int64.random(in: 0...220, using: &random)
                        try bench.use(used, isLevel: isLevel)
                        let alerts = zip(["50%", "80%", "100%"], ["up", "both", "down"]).map { label, direction in
                            Alert(
                                label: label, total: limit * (Int64(label.dropLast()) ?? 0) / 100, direction: direction)
                        }
                        // A look is repeated as often as one likes.
                        for _ in 0..<Int.random(in: 1...3, using: &random) {
                            let expected = alerts.flatMap { twin.look($0.label, $0.total, $0.direction, used: used) }
                            try #require(bench.look(alerts, isLevel: isLevel, most: 0) == expected, "step \(step)")
                        }
                    }
                    if !isLevel { twin.check() }
                }
            }
        }
    }
}
