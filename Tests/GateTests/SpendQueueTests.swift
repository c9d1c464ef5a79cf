import Metering
import RESP
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct SpendQueueTests {
        /// How often Redis ran a command since the start of its statistics.
        private static func runs(of command: String, _ gate: GateRig) throws -> Int {
            let text = try gate.redis.connect().call("INFO", "commandstats").text ?? ""
            for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("cmdstat_\(command):calls=") {
                return Int(line.split(separator: "=")[1].prefix { $0.isNumber }) ?? 0
            }
            return 0
        }

        @Test func `calls of a turn go together, up to so many meters`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "messages")
                _ = try gate.redis.connect().call("CONFIG", "RESETSTAT")
                let one = (0..<300).map { _ in ["CHECK", "acme", "messages"] }
                _ = try client.pipeline(one)
                #expect(try (3...100).contains(Self.runs(of: "evalsha", gate)))
                _ = try gate.redis.connect().call("CONFIG", "RESETSTAT")
                let three = (0..<300).map { _ in ["CHECK", "acme", "messages", "1", "tokens", "1", "seats", "1"] }
                _ = try client.pipeline(three)
                #expect(try (8...200).contains(Self.runs(of: "evalsha", gate)))
            }
        }

        @Test func `a counter with room is counted first, and only what is leased of it is looked at`() async throws {
            try await GateRig.run(configure: GateRig.fullLedger) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "messages")
                _ = try client.call("TAKE", "acme", "messages")
                _ = try gate.redis.connect().call("CONFIG", "RESETSTAT")
                for number in 3...50 {
                    #expect(try client.call("TAKE", "acme", "messages").elements?[3].integer == Int64(number))
                }
                #expect(try Self.runs(of: "hget", gate) == 48)
                #expect(try Self.runs(of: "hmget", gate) == 48, "whether the partition has learned")
                #expect(try Self.runs(of: "hincrby", gate) == 96)
            }
        }

        @Test func `what others used meanwhile is not let past the limit`() async throws {
            try await GateRig.run(configure: GateRig.fullLedger) { gate in
                try gate.put("acme", plan: "starter") { $0.limits["messages"] = 1000 }
                let client = try gate.connect()
                for _ in 0..<3 { _ = try client.call("TAKE", "acme", "messages") }
                // Another sidecar spends nearly all of it, and this one does not know.
                let other = try gate.redis.connect()
                let keys = try (other.call("KEYS", "*:u:messages:*:acme").elements ?? []).compactMap(\.text)
                let usage = try #require(keys.first)
                _ = try other.call("HINCRBY", usage, "used", "995")
                #expect(try client.call("TAKE", "acme", "messages", "2").elements?[3].integer == 1000)
                let refused = try client.call("TAKE", "acme", "messages").elements
                #expect(refused?[1].text == "limit_exceeded" && refused?[3].integer == 1000)
                #expect(try other.call("HGET", usage, "used").text == "1000")
                _ = try other.call("HINCRBY", usage, "used", "-900")
                _ = try client.call("CHECK", "acme", "messages")
                _ = try other.call("HINCRBY", usage, "used", "895")
                // Taken back in Redis: it was added in the belief that there was room.
                let taken = try client.call("TAKE", "acme", "messages", "6").elements
                #expect(taken?[1].text == "limit_exceeded" && taken?[3].integer == 995)
                #expect((taken?[5].integer ?? 0) > 0)
                #expect(try other.call("HGET", usage, "used").text == "995")
            }
        }

        @Test func `a plan put meanwhile holds from the next call on`() async throws {
            try await GateRig.run(configure: GateRig.fullLedger) { gate in
                try gate.put("acme", plan: "starter", version: 1)
                let client = try gate.connect()
                for _ in 0..<3 { _ = try client.call("TAKE", "acme", "messages") }
                let first = try client.call("TAKE", "acme", "tokens", "1", "ID", "k")
                try gate.put("acme", plan: "plus", version: 2)
                // Kept, so it says nothing of the record.
                #expect(try client.call("TAKE", "acme", "tokens", "1", "ID", "k") == first)
                let answer = try client.call("TAKE", "acme", "messages").elements
                #expect(answer?[3].integer == 4 && answer?[4].integer == -1)
            }
        }
    }
}
