import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    /// The numbered histories of usage on its way to Stripe, as far as Redis decides them. Stripe has the last total
    /// that was sent.
    @Suite struct `Histories of sending` {
        private static let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: 498_007)

        /// A Redis and what Stripe has of the hour.
        private final class World {
            let redis: RedisServer
            let bench: RedisStoreBench
            var stripe: Int64 = 0
            var attempts: [String] = []

            init() async throws {
                redis = try await RedisServer.start()
                bench = try RedisStoreBench(redis)
                try await begin(life: 1)
            }

            deinit { bench.client.close() }

            private var life: String { bench.store.keys.life(bench.store.keys.partition(of: key.tenant)) }

            func begin(life born: Int64, learns: Bool = false) async throws {
                _ = try await bench.client.command(
                    ["HSET", life, "born", String(born), "until", learns ? "9000000000000000" : "0"])
            }

            /// A life begins after another, now unless it is said.
            func beginNextLife(at instant: Int64? = nil) async throws {
                let now = try await bench.store.time()
                try await begin(life: instant ?? now)
                _ = try await bench.client.command(["HSET", life, "heir", String(instant ?? now)])
            }

            func use(total: Int64) async throws {
                try await owe(bench, tenant: key.tenant, hour: key.hour, total: total)
            }

            /// Sends what is owed, if anything is; the answer may get lost.
            func flush(isAnswered: Bool = true, milliseconds: Int64 = 60_000) async throws -> SendPermit? {
                let attempt = "attempt-\(attempts.count)"
                let permit = try await bench.store.beginSend(key, attempt: attempt, milliseconds: milliseconds)
                guard case .send(let total, _, _, _) = permit else { return permit }
                attempts.append(attempt)
                stripe = total
                if isAnswered { try await bench.store.acknowledge(key, attempt: attempt, total: total) }
                return permit
            }

            /// What Redis has of the day, to go back to.
            func snapshot() async throws -> [String] {
                let day = bench.store.keys.day(key.tenant, key.meter, day: key.hour / 24)
                return try await bench.client.command(["HGETALL", day]).elements.compactMap(\.text)
            }

            func rollBack(to fields: [String], life: Int64) async throws {
                let day = bench.store.keys.day(key.tenant, key.meter, day: key.hour / 24)
                _ = try await bench.client.command(["DEL", day])
                if !fields.isEmpty { _ = try await bench.client.command(["HSET", day] + fields) }
                try await begin(life: life)
            }

            private var key: StoredHour.Key { `Histories of sending`.key }
        }

        @Test func `23 a total that comes again after a refund is sent again, by an attempt of its own`() async throws {
            let world = try await World()
            for total: Int64 in [100, 90, 100] {
                try await world.use(total: total)
                #expect(try await world.flush() == .send(total: total))
                #expect(world.stripe == total)
            }
            #expect(Set(world.attempts).count == 3)
            #expect(try await world.flush() == .settled)
        }

        @Test func `24 what was healed after a rollback is sent again`() async throws {
            let world = try await World()
            try await world.use(total: 70)
            _ = try await world.flush()
            let backup = try await world.snapshot()
            try await world.use(total: 100)
            _ = try await world.flush()
            try await world.rollBack(to: backup, life: 2)
            #expect(try await world.flush() == .send(total: 70), "an acknowledgement of another life says nothing")
            try await world.use(total: 100)
            _ = try await world.flush()
            #expect(world.stripe == 100)
        }

        @Test func `26 a send without an answer is followed by another, also when the total is back`() async throws {
            let world = try await World()
            try await world.use(total: 1)
            _ = try await world.flush(isAnswered: false, milliseconds: 1)
            #expect(world.stripe == 1)
            try await world.use(total: 0)
            try await eventually("its deadline is over") {
                try await world.flush() == .send(total: 0, isUnsettled: true)
            }
            #expect(world.stripe == 0)
        }

        @Test func `27 a total below what was sent is sent, although the rolled back Redis knows of no send`()
            async throws
        {
            let world = try await World()
            let backup = try await world.snapshot()
            try await world.use(total: 1)
            _ = try await world.flush(isAnswered: false)
            try await world.rollBack(to: backup, life: 2)
            // Its holder tells that it was used, and then it is given back.
            try await world.use(total: 0)
            #expect(try await world.flush() == .send(total: 0))
            #expect(world.stripe == 0)
            #expect(try await world.flush() == .settled)
        }

        @Test func `24 after a rollback nothing is sent before the requests of an earlier life have ended`()
            async throws
        {
            let world = try await World()
            try await world.use(total: 100)
            try await world.beginNextLife()
            guard case .underWay(let until) = try await world.flush(milliseconds: 60_000) else {
                Issue.record("one that is still under way could replace what was sent now")
                return
            }
            #expect(try await until - world.bench.store.time() > 50_000_000)
            try await eventually("a mark's length is over") {
                try await world.flush(milliseconds: 1) == .send(total: 100)
            }
        }

        @Test func `a clock that was set back keeps an hour waiting no longer than a send takes`() async throws {
            let world = try await World()
            try await world.use(total: 100)
            try await world.beginNextLife(at: world.bench.store.time() + 3_600_000_000)
            guard case .underWay(let until) = try await world.flush(milliseconds: 1000) else {
                Issue.record("something is sent at once")
                return
            }
            #expect(try await until - world.bench.store.time() <= 1_000_000)
            try await eventually("a mark's length is over") {
                try await world.flush(milliseconds: 1) == .send(total: 100)
            }
        }

        @Test func `an hour that began in this life need not wait for those of an earlier one`() async throws {
            let world = try await World()
            try await world.use(total: 100)
            try await world.beginNextLife(at: (Self.key.hour - 1) * 3_600_000_000)
            #expect(try await world.flush(milliseconds: 9_000_000_000) == .send(total: 100))
        }

        @Test func `32 a record that is stamped with an edge takes only the rest, and its stamp does not go back`()
            async throws
        {
            let world = try await World()
            try await world.use(total: 100)
            let (store, key) = (world.bench.store, Self.key)
            let day = store.keys.day(key.tenant, key.meter, day: key.hour / 24)
            let hour = KeySpace.hourOfDay(key.hour)
            let stamped = "si_1@\(key.hour * 3600 + 600)"
            _ = try await store.client.command(["HSET", day, hour + "=acked", "40 1", hour + "=to", "si_1"])
            #expect(
                try await store.beginSend(key, attempt: "a", milliseconds: 1000, destination: stamped)
                    == .send(total: 60))
            try await store.end(key, "a", .no)
            guard case .underWay = try await store.beginSend(key, attempt: "b", milliseconds: 1000, destination: "si_1")
            else {
                Issue.record("a daemon that has not heard of the edge would set the old record again")
                return
            }
            #expect(
                try await store.beginSend(key, attempt: "c", milliseconds: 1000, destination: stamped)
                    == .send(total: 60))
            #expect(
                try await store.hours(tenant: key.tenant, meter: key.meter, from: key.hour, to: key.hour + 1)
                    .map { [$0.dropped, $0.earlier] } == [[40, 40]])
        }

        @Test func `32 what the old period has of an edge's hour is looked up where nobody knows it`() async throws {
            let world = try await World()
            try await world.use(total: 100)
            let (store, key) = (world.bench.store, Self.key)
            let stamped = "si_1@\(key.hour * 3600 + 600)"
            // No answer came.
            #expect(
                try await store.beginSend(key, attempt: "a", milliseconds: 1, destination: "si_1")
                    == .send(total: 100))
            try await eventually("its mark has run out") {
                try await store.beginSend(key, attempt: "b", milliseconds: 1000, destination: stamped) == .compare
            }
            let day = store.keys.day(key.tenant, key.meter, day: key.hour / 24)
            #expect(
                try await store.client.command(["HGET", day, KeySpace.hourOfDay(key.hour) + "=to"]).text == "si_1")
        }

        @Test func `nothing is sent while the partition learns`() async throws {
            let world = try await World()
            try await world.use(total: 5)
            try await world.begin(life: 2, learns: true)
            guard case .underWay = try await world.flush() else {
                Issue.record("something is sent while it learns")
                return
            }
            try await world.begin(life: 2)
            #expect(try await world.flush() == .send(total: 5))
        }

        @Test func `an hour below zero, as after a rollback, is sent as zero`() async throws {
            let world = try await World()
            try await world.use(total: -3)
            #expect(try await world.bench.store.owedHours(partition: 0, after: nil, limit: 1).first?.total == 0)
            #expect(try await world.flush() == .send(total: 0))
            #expect(try await world.flush() == .settled)
        }
    }
}
