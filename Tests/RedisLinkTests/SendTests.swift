import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    @Suite struct SendTests {
        private let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: 498_007)

        private func hours(_ bench: RedisStoreBench) async throws -> [StoredHour] {
            try await bench.store.owedHours(partition: 0, after: nil, limit: 10)
        }

        /// Has the hour's total sent to its meter by an attempt `one`, and acknowledged.
        private func bill(_ total: Int64, _ bench: RedisStoreBench) async throws {
            try await owe(bench, tenant: "acme", hour: key.hour, total: total)
            _ = try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000)
            #expect(try await bench.store.acknowledge(key, attempt: "one", total: total))
        }

        @Test func `one attempt at a time sends an hour, and a yes settles it`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            #expect(try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000) == .send(total: 5))
            guard
                case .underWay(let until) = try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000)
            else {
                Issue.record("two attempts at once")
                return
            }
            let now = try await bench.store.time()
            #expect((now...(now + 60_000_000)).contains(until))
            #expect(try await hours(bench)[0].sendingUntil == until)
            #expect(try await bench.store.acknowledge(key, attempt: "two", total: 5) == false)
            #expect(try await bench.store.acknowledge(key, attempt: "one", total: 5))
            #expect(try await hours(bench).isEmpty)
            #expect(try await bench.store.acknowledge(key, attempt: "one", total: 5) == false)
            #expect(try await bench.store.beginSend(key, attempt: "three", milliseconds: 60_000) == .settled)
        }

        @Test func `what was counted during a send stays owed`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            #expect(try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000) == .send(total: 5))
            try await owe(bench, tenant: "acme", hour: key.hour, total: 8)
            #expect(try await bench.store.acknowledge(key, attempt: "one", total: 5))
            let hour = try #require(try await hours(bench).first)
            #expect(hour.total == 8 && hour.acknowledged == 5 && hour.sendingUntil == nil)
            #expect(try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000) == .send(total: 8))
        }

        @Test func `an attempt that recorded nothing gives the hour back at once`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            _ = try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000)
            try await bench.store.end(key, "other", .no)
            #expect(try await hours(bench)[0].sendingUntil != nil)
            try await bench.store.end(key, "one", .no)
            #expect(try await hours(bench)[0].sendingUntil == nil)
            #expect(try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000) == .send(total: 5))
        }

        @Test func `an attempt without an answer is followed by another after its deadline, and its own is late`()
            async throws
        {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            #expect(try await bench.store.beginSend(key, attempt: "one", milliseconds: 1) == .send(total: 5))
            try await eventually("the deadline is over") {
                try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000)
                    == .send(total: 5, isUnsettled: true)
            }
            #expect(try await bench.store.acknowledge(key, attempt: "one", total: 5) == false)
            #expect(try await hours(bench)[0].acknowledged == 0)
            #expect(try await bench.store.acknowledge(key, attempt: "two", total: 5))
            #expect(try await hours(bench).isEmpty)
        }

        @Test func `what another customer was billed stays there, and the rest goes to the new one`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await bill(70, bench)
            try await owe(bench, tenant: "acme", hour: key.hour, total: 100)
            let permit = try await bench.store.beginSend(
                key, attempt: "two", milliseconds: 60_000, destination: "mtr_1 cus_2")
            #expect(permit == .send(total: 30))
        }

        @Test func `what was acknowledged before a refusal is not billed again elsewhere`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await bill(40, bench)
            try await owe(bench, tenant: "acme", hour: key.hour, total: 60)
            _ = try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000)
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: 60)
            #expect(try await bench.store.bury(key, letter, attempt: "two", form: .total, lag: 0))
            #expect(try await bench.store.revive(key, form: .total, noting: .test))
            #expect(try await hours(bench).map(\.acknowledged) == [40])
            // Another send may have come through meanwhile, so the same total is sent again.
            try await owe(bench, tenant: "acme", hour: key.hour, total: 40)
            #expect(try await bench.store.beginSend(key, attempt: "three", milliseconds: 60_000) == .send(total: 40))
            #expect(try await bench.store.end(key, "three", .no))
            try await owe(bench, tenant: "acme", hour: key.hour, total: 60)
            // What the first customer has of it is looked up.
            var permit = try await bench.store.beginSend(
                key, attempt: "four", milliseconds: 60_000, destination: "mtr_1 cus_2")
            #expect(permit == .compare)
            #expect(try await bench.store.end(key, "four", .compared, total: 40))
            permit = try await bench.store.beginSend(
                key, attempt: "five", milliseconds: 60_000, destination: "mtr_1 cus_2")
            #expect(permit == .send(total: 20))
        }

        @Test func `what a meter has without an answer is looked up before the rest goes to an item`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            _ = try await bench.store.beginSend(key, attempt: "one", milliseconds: 1)
            try await owe(bench, tenant: "acme", hour: key.hour, total: 8)
            try await eventually("the deadline is over") {
                try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000, destination: "si_1")
                    == .compare
            }
            #expect(try await hours(bench).map(\.destination) == ["mtr_1 cus_1"])
            #expect(try await bench.store.end(key, "two", .compared, total: 5))
            #expect(
                try await bench.store.beginSend(key, attempt: "three", milliseconds: 60_000, destination: "si_1")
                    == .send(total: 3))
        }

        @Test func `what an hour carries of a credit goes to no other item`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 20)
            let hour = KeySpace.hourOfDay(key.hour)
            _ = try await bench.client.command(
                [
                    "HSET", bench.store.dayKey(key), "\(hour)=lent", "10", "\(hour)=acked", "30", "\(hour)=to",
                    "si_1",
                ])
            let permit = try await bench.store.beginSend(
                key, attempt: "one", milliseconds: 60_000, destination: "si_2")
            #expect(permit == .send(total: 0))
            try await owe(bench, tenant: "acme", hour: key.hour, total: 25)
            #expect(try await bench.store.end(key, "one", .no))
            #expect(
                try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000, destination: "si_2")
                    == .send(total: 5))
        }

        @Test func `what is written off is what Stripe does not have of what the operator saw`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 70)
            _ = try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000)
            _ = try await bench.store.end(key, "one", .yes, total: 70, identifier: "first")
            try await owe(bench, tenant: "acme", hour: key.hour, total: 100)
            _ = try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000)
            _ = try await bench.store.end(key, "two", .yes, total: 100, identifier: "second")
            // Stripe finds later that it could not use the second, and the hour goes on.
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: 100)
            #expect(try await bench.store.bury(key, letter, identifier: "second", form: .total, lag: 0))
            try await owe(bench, tenant: "acme", hour: key.hour, total: 110)
            #expect(try await bench.store.drop(key, form: .total, has: 70, seen: 100, noting: .test))
            let hour = try #require(try await hours(bench).first)
            #expect(hour.dropped == 30 && hour.acknowledged == 70 && hour.total == 80)
            #expect(try await bench.store.beginSend(key, attempt: "three", milliseconds: 60_000) == .send(total: 80))
        }

        @Test func `a report about an event buries nothing while a newer one is under way`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            _ = try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000)
            _ = try await bench.store.end(key, "one", .yes, total: 5, identifier: "first")
            try await owe(bench, tenant: "acme", hour: key.hour, total: 8)
            _ = try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000)
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: 5)
            #expect(try await bench.store.bury(key, letter, identifier: "first", form: .total, lag: 0))
            #expect(try await bench.store.deadCounts().reduce(0, +) == 0)
            #expect(try await bench.store.acknowledge(key, attempt: "two", total: 8) == false)
            #expect(try await hours(bench).count == 1)
        }

        @Test func `nothing is sent before a new run of Redis has begun its life`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            _ = try await bench.client.command(
                ["HSET", bench.store.keys.life(0), "run", "another", "born", "1", "until", "0"])
            guard case .underWay = try await bench.store.beginSend(key, attempt: "one", milliseconds: 60_000) else {
                Issue.record("it is sent in a life that is over")
                return
            }
        }

        @Test func `an unsure attempt is sent again even if its total was acknowledged before`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            try await bill(5, bench)
            try await owe(bench, tenant: "acme", hour: key.hour, total: 8)
            _ = try await bench.store.beginSend(key, attempt: "two", milliseconds: 60_000)
            try await bench.store.end(key, "two", .open)
            // Redis was rolled back meanwhile: the total is the acknowledged one, but Stripe may have the other.
            try await owe(bench, tenant: "acme", hour: key.hour, total: 5)
            #expect(
                try await bench.store.beginSend(key, attempt: "three", milliseconds: 60_000)
                    == .send(total: 5, isUnsettled: true))
        }
    }
}
