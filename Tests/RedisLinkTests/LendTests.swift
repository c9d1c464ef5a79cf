import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    /// How a credit is spread over the hours of a period of usage records.
    @Suite struct LendTests {
        private static let first: Int64 = 498_100

        private struct Period {
            let bench: RedisStoreBench
            let redis: RedisServer

            init() async throws {
                redis = try await RedisServer.start()
                bench = try RedisStoreBench(redis)
                try await set(bench.store.keys[0].claim, ["token": "mine", "until": "9000000000000000"])
                // The first hour has a credit of ten.
                try await set(day(0), [field(0) + "^1792800000": "-10"])
            }

            func key(_ after: Int64) -> StoredHour.Key {
                StoredHour.Key(tenant: "acme", meter: "messages", hour: LendTests.first + after)
            }

            func day(_ after: Int64) -> String { bench.store.dayKey(key(after)) }

            func field(_ after: Int64) -> String { KeySpace.hourOfDay(LendTests.first + after) }

            func set(_ key: String, _ fields: [String: String]) async throws {
                _ = try await bench.client.command(["HSET", key] + fields.flatMap { [$0.key, $0.value] })
            }

            /// How many units were moved.
            func lend(from: Int64 = 0, until end: Int64, claim: String = "mine") async throws -> Int64? {
                try await lend(from, end, claim)?.moved
            }

            func lend(
                _ from: Int64, _ end: Int64, _ claim: String = "mine"
            ) async throws -> (moved: Int64, newlyOwed: Int64)? {
                try await bench.store.lendCredit(
                    first: key(0), from: LendTests.first + from, end: LendTests.first + end, item: "si_1", claim: claim)
            }

            func totals(_ end: Int64) async throws -> [Int64] {
                try await bench.store.hours(
                    tenant: "acme", meter: "messages", from: LendTests.first, to: LendTests.first + end
                ).map(\.total)
            }

            func owed() async throws -> [Int64] {
                let hours = try await bench.store.owedHours(partition: 0, after: nil, limit: 100)
                return hours.map { $0.key.hour - LendTests.first }
            }
        }

        @Test func `the oldest hours with usage carry it, to zero at most, and are owed`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            for (after, usage) in [(3, "4"), (30, "5"), (60, "6")] as [(Int64, String)] {
                try await period.set(period.day(after), [period.field(after) + ":h1": usage])
            }
            #expect(try await period.lend(until: 61) == 10)
            let totals = try await period.totals(61)
            #expect(totals[0] == 0 && totals[3] == 0 && totals[30] == 0 && totals[60] == 5)
            #expect(totals.reduce(0, +) == 5)
            #expect(try await period.owed() == [0, 3, 30, 60])
            #expect(try await period.lend(until: 61) == 0, "there is none left")
        }

        @Test func `what is behind the end, late, dead or another item's is not lowered`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            for after: Int64 in 1...5 { try await period.set(period.day(after), [period.field(after) + ":h1": "4"]) }
            try await period.set(period.day(1), [period.field(1) + "=late": "4 1792800000"])
            try await period.set(period.bench.store.keys[0].dead, [period.key(2).member: "{}"])
            try await period.set(period.day(3), [period.field(3) + "=to": "si_2"])
            try await period.set(period.day(4), [period.field(4) + "=to": "si_1@1793160300"])
            #expect(try await period.lend(until: 5) == 4)
            #expect(try await period.totals(6) == [-6, 4, 4, 4, 0, 4])
        }

        @Test func `an hour that has less than it carries gives back`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            try await period.set(period.day(1), [period.field(1) + ":h1": "8"])
            #expect(try await period.lend(until: 3) == 8)
            try await period.set(period.day(1), [period.field(1) + ":h1~": "-5"])
            try await period.set(period.day(2), [period.field(2) + ":h1": "20"])
            #expect(try await period.totals(3) == [-2, -5, 20])
            #expect(try await period.lend(until: 3) == 12)
            #expect(try await period.totals(3) == [0, 0, 13])
        }

        @Test func `an hour below zero by itself leaves that to the first, unless it is late or dead`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            for after: Int64 in 1...3 {
                try await period.set(period.day(after), [period.field(after) + "^1790000000": "-7"])
            }
            try await period.set(period.day(2), [period.field(2) + "=late": "-7 1792800000"])
            try await period.set(period.bench.store.keys[0].dead, [period.key(3).member: "{}"])
            try await period.set(period.day(4), [period.field(4) + ":h1": "20"])
            #expect(try await period.lend(until: 5) == 24)
            #expect(try await period.totals(5) == [0, 0, -7, -7, 3])
        }

        @Test func `only hours from a certain one on change, and those that were not owed are counted`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            for after: Int64 in [50, 51, 52, 53] {
                try await period.set(period.day(after), [period.field(after) + ":h1": "3"])
            }
            _ = try await period.bench.client.command(
                ["ZADD", period.bench.store.keys.owed(0), "0", period.key(52).member])
            let lent = try #require(try await period.lend(51, 54))
            #expect(lent.moved == 9 && lent.newlyOwed == 3, "the first hour too")
            #expect(try await period.totals(54).suffix(4) == [3, 0, 0, 0])
            let again = try #require(try await period.lend(51, 54))
            #expect(again.moved == 0 && again.newlyOwed == 0)
        }

        @Test func `a claim that was lost, and a partition that learns, move nothing`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            try await period.set(period.day(1), [period.field(1) + ":h1": "8"])
            #expect(try await period.lend(until: 3, claim: "other") == nil)
            try await period.set(period.bench.store.keys.life(0), ["until": "9000000000000000"])
            #expect(try await period.lend(until: 3) == nil)
            #expect(try await period.totals(2) == [-10, 8])
        }

        @Test func `a credit that is written off is none any more`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            let (store, hour) = (period.bench.store, period.key(0))
            try await period.set(period.day(0), [period.field(0) + ":h1": "3"])
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: -7)
            #expect(try await store.expire(hour, letter, form: .total))
            #expect(try await period.totals(1) == [-7])
            #expect(try await store.drop(hour, form: .total, has: 0, seen: -7, noting: .test))
            #expect(try await period.totals(1) == [0])
            #expect(try await store.deadCounts().reduce(0, +) == 0)
        }

        @Test func `a credit of an hour of which more was written off than it has can be written off`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            try await period.set(period.day(0), [period.field(0) + ":h1": "3", period.field(0) + "=dropped": "20"])
            #expect(try await period.totals(1) == [-10])
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: -10)
            #expect(try await period.bench.store.expire(period.key(0), letter, form: .total))
            #expect(
                try await period.bench.store.drop(period.key(0), form: .total, has: 0, seen: -10, noting: .test))
            #expect(try await period.totals(1) == [0])
            try await period.set(period.day(0), [period.field(0) + ":h1": "25"])
            #expect(try await period.totals(1) == [5], "what was written off before stays so")
            // Less of the credit was needed than was written off.
            try await period.set(period.day(0), [period.field(0) + ":h1": "0", period.field(0) + "^1792800000": "-3"])
            #expect(try await period.totals(1) == [7])
            #expect(try await period.bench.store.expire(period.key(0), letter, form: .total))
            #expect(try await period.bench.store.drop(period.key(0), form: .total, has: 0, seen: 7, noting: .test))
            #expect(try await period.totals(1) == [0])
        }

        @Test func `a dead first hour lends nothing, and takes nothing over`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            try await period.set(period.bench.store.keys[0].dead, [period.key(0).member: "{}"])
            try await period.set(period.day(1), [period.field(1) + "^1790000000": "-7"])
            try await period.set(period.day(2), [period.field(2) + ":h1": "20"])
            #expect(try await period.lend(until: 3) == 0)
            #expect(try await period.totals(3) == [-10, -7, 20])
        }

        @Test func `a usage record's credit is sent as zero, and stays owed until others carry it`() async throws {
            let period = try await Period()
            defer { period.bench.client.close() }
            let (store, hour) = (period.bench.store, period.key(0))
            #expect(
                try await store.beginSend(hour, attempt: "one", milliseconds: 60_000, destination: "si_1")
                    == .send(total: 0))
            try await store.end(hour, "one", .yes, destination: "si_1")
            #expect(
                try await store.beginSend(hour, attempt: "two", milliseconds: 60_000, destination: "si_1") == .credit)
            try await period.set(period.day(1), [period.field(1) + ":h1": "10"])
            #expect(try await period.lend(until: 2) == 10)
            #expect(
                try await store.beginSend(hour, attempt: "two", milliseconds: 60_000, destination: "si_1") == .settled)
            #expect(try await period.owed() == [1])
        }
    }
}
