import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    @Suite struct ClaimTests {
        private static let lifetime: Int64 = 60_000

        private func take(
            _ bench: RedisStoreBench, _ claims: [Int: String], by name: String, for lifetime: Int64 = lifetime
        ) async throws -> Set<Int> {
            try await bench.store.takeClaims(claims, by: name, milliseconds: lifetime)
        }

        private func renew(
            _ bench: RedisStoreBench, _ claims: [Int: String], by name: String, for lifetime: Int64 = lifetime
        ) async throws -> Set<Int> {
            try await bench.store.beat(flusher: name, renewing: claims, milliseconds: lifetime).renewed
        }

        /// What a script does that acts for the holder: the convention of `claim.lua`.
        private func isFenced(_ bench: RedisStoreBench, _ partition: Int, _ token: String) async throws -> Bool {
            let script = """
                local time = redis.call('TIME')
                local now = time[1] * 1000000 + time[2]
                local claim = redis.call('HMGET', KEYS[1], 'token', 'until')
                if claim[1] ~= ARGV[1] or tonumber(claim[2]) <= now then return 1 end
                return 0
                """
            return try await bench.client.command(
                ["EVAL", script, "1", bench.store.keys.claim(partition), token]
            ).number == 1
        }

        @Test func `a partition is claimed by one, who may renew and give it up`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis, partitions: 4)
            defer { bench.client.close() }
            #expect(try await take(bench, [0: "a0", 1: "a1"], by: "a") == [0, 1])
            #expect(try await take(bench, [0: "b0", 2: "b2"], by: "b") == [2])
            #expect(try await bench.store.claimable([0, 1, 2, 3], by: "b", milliseconds: Self.lifetime) == [2, 3])
            #expect(try await renew(bench, [0: "a0", 1: "other"], by: "a") == [0])
            try await bench.store.releaseClaims([0: "a0", 2: "a2"], by: "a", milliseconds: Self.lifetime)
            #expect(try await take(bench, [0: "b0"], by: "b") == [0])
            #expect(try await isFenced(bench, 0, "a0"))
            #expect(try await isFenced(bench, 3, "a0"))
            #expect(try await !isFenced(bench, 0, "b0"))
            #expect(try await !isFenced(bench, 2, "b2"))
            #expect(try await renew(bench, [0: "a0"], by: "a") == [])
        }

        @Test func `a claim that ran out is anybody's, and its token is refused`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            #expect(try await take(bench, [0: "a0"], by: "a", for: 1) == [0])
            try await eventually("it runs out") { try await isFenced(bench, 0, "a0") }
            #expect(try await take(bench, [0: "b0"], by: "b") == [0])
            #expect(try await renew(bench, [0: "a0"], by: "a") == [])
            #expect(try await !isFenced(bench, 0, "b0"))
        }

        @Test func `who follows under the same name takes over at once, and the former token is refused`()
            async throws
        {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            #expect(try await take(bench, [0: "one"], by: "a") == [0])
            #expect(try await take(bench, [0: "two"], by: "a") == [0])
            #expect(try await isFenced(bench, 0, "one"))
            #expect(try await renew(bench, [0: "one"], by: "a") == [])
        }

        @Test func `what a clock that stepped back left far ahead is cut to a lifetime`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            let ahead = String(try await bench.store.time() + 3_600_000_000)
            _ = try await bench.client.command(
                ["HSET", bench.store.keys.claim(0), "by", "a", "token", "a0", "until", ahead])
            _ = try await bench.client.command(["ZADD", bench.store.keys.flushers, ahead, "a"])
            #expect(try await take(bench, [0: "b0"], by: "b", for: 50) == [])
            let (alive, _) = try await bench.store.beat(flusher: "b", renewing: [:], milliseconds: 50)
            #expect(Set(alive) == ["a", "b"])
            try await eventually("it runs out soon") { try await take(bench, [0: "b0"], by: "b", for: 50) == [0] }
            try await eventually("it counts as alive no more") {
                try await bench.store.beat(flusher: "b", renewing: [:], milliseconds: 50).alive == ["b"]
            }
        }

        @Test func `a Redis that was rolled back brings no second holder`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis, partitions: 2)
            defer { bench.client.close() }
            // When the dump is made, a holds both. Then it gives one up, which b takes.
            #expect(try await take(bench, [0: "a0", 1: "a1"], by: "a") == [0, 1])
            _ = try await redis.cli("SAVE")
            try await bench.store.releaseClaims([0: "a0"], by: "a", milliseconds: Self.lifetime)
            #expect(try await take(bench, [0: "b0"], by: "b") == [0])
            try await redis.restart()
            #expect(try await isFenced(bench, 0, "b0"), "the token that Redis forgot is refused")
            #expect(try await renew(bench, [0: "b0"], by: "b") == [], "and its holder hears of it")
            #expect(try await take(bench, [0: "b1"], by: "b") == [], "what a had counts until it runs out")
            #expect(try await take(bench, [0: "a2"], by: "a") == [0], "a itself may have it, under a new token")
            #expect(try await isFenced(bench, 0, "a0"))
            #expect(try await renew(bench, [1: "a1"], by: "a") == [1])
        }

        @Test func `who leaves or falls silent is alive no more`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            func alive(_ name: String, for milliseconds: Int64 = Self.lifetime) async throws -> Set<String> {
                Set(try await bench.store.beat(flusher: name, renewing: [:], milliseconds: milliseconds).alive)
            }
            #expect(try await alive("a") == ["a"])
            #expect(try await alive("b") == ["a", "b"])
            #expect(try await alive("c", for: 1).isSuperset(of: ["a", "b"]))
            try await bench.store.leave(flusher: "b")
            try await eventually("c is silent") { try await alive("a") == ["a"] }
        }
    }
}
