import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    @Suite struct LateTests {
        private let old = StoredHour.Key(tenant: "acme", meter: "messages", hour: 498_007)
        private let first = StoredHour.Key(tenant: "acme", meter: "messages", hour: 498_100)

        private func bench(_ redis: RedisServer) async throws -> RedisStoreBench {
            let bench = try RedisStoreBench(redis)
            let partition = bench.store.keys.partition(of: "acme")
            _ = try await bench.client.command(
                ["HSET", bench.store.keys[partition].claim, "token", "mine", "until", "9000000000000000"])
            return bench
        }

        private func hour(_ bench: RedisStoreBench, _ key: StoredHour.Key) async throws -> StoredHour {
            try #require(
                try await bench.store.hours(tenant: key.tenant, meter: key.meter, from: key.hour, to: key.hour + 1)
                    .first)
        }

        @Test func `late usage is owed with the next period's first hour, and its own hours no more`() async throws {
            let redis = try await RedisServer.start()
            let bench = try await bench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: old.hour, total: 12)
            let settled = try await bench.store.putLate(
                first: first, period: 1_792_800_000, amount: 7, settling: [try await hour(bench, old)], claim: "mine")
            #expect(settled == 1)
            let owed = try await bench.store.owedHours(partition: 0, after: nil, limit: 10)
            #expect(owed.map(\.key) == [first])
            #expect(owed.first?.usage == 0 && owed.first?.late == 7 && owed.first?.total == 7)
            #expect(try await hour(bench, old).settledLate == 12)
            #expect(
                try await bench.store.beginSend(first, attempt: "one", milliseconds: 60_000) == .send(total: 7))
            try await bench.store.acknowledge(first, attempt: "one", total: 7)
            // The same once more changes nothing: nothing is owed by it.
            _ = try await bench.store.putLate(
                first: first, period: 1_792_800_000, amount: 7, settling: [try await hour(bench, old)], claim: "mine")
            #expect(try await bench.store.owedHours(partition: 0, after: nil, limit: 10).isEmpty)
        }

        @Test func `a row that an earlier life may have made is made anew, also as nothing`() async throws {
            let redis = try await RedisServer.start()
            let bench = try await bench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: old.hour, total: 12)
            let life = bench.store.keys.life(0)
            _ = try await bench.client.command(["HSET", life, "born", "7", "heir", "7", "until", "0"])
            for amount: Int64 in [0, 0] {
                let before = try await hour(bench, old)
                _ = try await bench.store.putLate(
                    first: first, period: 1_792_800_000, amount: amount, settling: [before], claim: "mine")
                #expect(try await bench.store.owedHours(partition: 0, after: nil, limit: 10).map(\.key) == [first])
            }
            #expect(try await bench.store.beginSend(first, attempt: "one", milliseconds: 60_000) == .send(total: 0))
            try await bench.store.acknowledge(first, attempt: "one", total: 0)
            _ = try await bench.store.putLate(
                first: first, period: 1_792_800_000, amount: 0, settling: [try await hour(bench, old)], claim: "mine")
            #expect(try await bench.store.owedHours(partition: 0, after: nil, limit: 10).isEmpty, "it is known by now")
        }

        @Test func `a dead hour is made owed by no row, and is owed no more`() async throws {
            let redis = try await RedisServer.start()
            let bench = try await bench(redis)
            defer { bench.client.close() }
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: 12)
            for key in [old, first] {
                #expect(try await bench.store.expire(key, letter, form: .total))
                // As when a ledger tells of it again.
                try await owe(bench, tenant: "acme", hour: key.hour, total: 12)
            }
            _ = try await bench.store.putLate(
                first: first, period: 1_792_800_000, amount: 5, settling: [], dead: [old, first], claim: "mine")
            #expect(try await bench.store.owedHours(partition: 0, after: nil, limit: 10).isEmpty)
            #expect(try await hour(bench, first).late == 5)
            #expect(try await hour(bench, old).settledLate == nil)
            #expect(try await bench.store.revive(first, form: .total, noting: .test))
            #expect(try await bench.store.owedHours(partition: 0, after: nil, limit: 10).map(\.key) == [first])
        }

        @Test func `what is used in a settled hour later is owed again`() async throws {
            let redis = try await RedisServer.start()
            let bench = try await bench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: old.hour, total: 12)
            let before = try await hour(bench, old)
            try await owe(bench, tenant: "acme", hour: old.hour, total: 15)
            let settled = try await bench.store.putLate(
                first: first, period: 1_792_800_000, amount: 12, settling: [before], claim: "mine")
            #expect(settled == 0, "its total has changed since the amount was made")
            #expect(try await bench.store.owedHours(partition: 0, after: nil, limit: 10).map(\.key) == [old, first])
        }

        @Test func `a claim that was lost moves nothing`() async throws {
            let redis = try await RedisServer.start()
            let bench = try await bench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: old.hour, total: 12)
            let settled = try await bench.store.putLate(
                first: first, period: 1_792_800_000, amount: 12, settling: [try await hour(bench, old)], claim: "other")
            #expect(settled == nil)
            #expect(try await hour(bench, first).late == 0)
        }

        @Test func `sends are begun under the current claim only, until it ends`() async throws {
            let redis = try await RedisServer.start()
            let bench = try await bench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: old.hour, total: 12)
            let request = SendRequest(key: old, attempt: "one", form: .total, destination: "mtr_1 cus_1")
            #expect(
                try await bench.store.beginSends(partition: 0, claim: "other", [request], times: RedisStore.times)
                    == nil)
            _ = try await bench.client.command(["HSET", bench.store.keys[0].claim, "until", "1"])
            #expect(
                try await bench.store.beginSends(partition: 0, claim: "mine", [request], times: RedisStore.times)
                    == nil)
            #expect(try await hour(bench, old).sendingUntil == nil)
        }
    }
}
