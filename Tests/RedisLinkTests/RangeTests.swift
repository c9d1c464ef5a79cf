import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    /// Sending to a meter that adds: what Stripe has is the sum of all ranges, each identifier taken once.
    @Suite struct RangeTests {
        private static let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: 498_007)

        /// A Redis and a meter that adds.
        private final class World {
            let redis: RedisServer
            let bench: RedisStoreBench
            var events: [String: Int64] = [:]
            private(set) var attempts = 0

            init(life born: Int64 = 1) async throws {
                redis = try await RedisServer.start()
                bench = try RedisStoreBench(redis)
                try await begin(life: born)
            }

            deinit { bench.client.close() }

            var stripe: Int64 { events.values.reduce(0, +) }
            private var key: StoredHour.Key { RangeTests.key }
            private var day: String { bench.store.keys.day(key.tenant, key.meter, day: key.hour / 24) }

            func begin(life born: Int64) async throws {
                let life = bench.store.keys.life(bench.store.keys.partition(of: key.tenant))
                _ = try await bench.client.command(["HSET", life, "born", String(born), "until", "0"])
            }

            func use(total: Int64) async throws {
                try await owe(bench, tenant: key.tenant, hour: key.hour, total: total)
            }

            /// Begins a send and, of a range, delivers it; ends it with `outcome`, or not at all.
            @discardableResult
            func flush(
                _ outcome: SendResult.Outcome? = .yes, arrives: Bool = true, milliseconds: Int64 = 60_000,
                resend: Int64 = 82_800_000
            ) async throws -> SendPermit? {
                attempts += 1
                let attempt = "attempt-\(attempts)"
                let permit = try await bench.store.beginSend(
                    key, attempt: attempt, milliseconds: milliseconds, form: .range, resend: resend)
                switch permit {
                case .sendRange(let from, let to, let identifier):
                    if arrives, events[identifier] == nil { events[identifier] = to - from }
                    if let outcome { try await bench.store.end(key, attempt, outcome, total: to, form: .range) }
                case .compare:
                    try await bench.store.end(key, attempt, .compared, total: stripe, form: .range)
                default: break
                }
                return permit
            }

            func hour() async throws -> StoredHour? {
                try await bench.store.hours(tenant: key.tenant, meter: key.meter, from: key.hour, to: key.hour + 1)
                    .first
            }

            func snapshot() async throws -> [String] {
                try await bench.client.command(["HGETALL", day]).elements.compactMap(\.text)
            }

            func rollBack(to fields: [String], life: Int64) async throws {
                _ = try await bench.client.command(["DEL", day])
                if !fields.isEmpty { _ = try await bench.client.command(["HSET", day] + fields) }
                try await begin(life: life)
            }
        }

        @Test func `what an hour grew by is sent, each range under an identifier of its own`() async throws {
            let world = try await World()
            var ranges: [SendPermit?] = []
            for total: Int64 in [3, 10, 7, 10] {
                try await world.use(total: total)
                ranges.append(try await world.flush())
                #expect(world.stripe == total)
            }
            #expect(
                ranges == [
                    .sendRange(from: 0, to: 3, identifier: "attempt-1"),
                    .sendRange(from: 3, to: 10, identifier: "attempt-2"),
                    .sendRange(from: 10, to: 7, identifier: "attempt-3"),
                    .sendRange(from: 7, to: 10, identifier: "attempt-4"),
                ])
            #expect(try await world.flush() == .settled)
            let hour = try #require(try await world.hour())
            #expect(hour.cut == 10 && hour.acknowledged == 10 && hour.range == nil)
        }

        @Test(arguments: [true, false])
        func `a range without an answer is sent again under its identifier, whatever was used since`(arrives: Bool)
            async throws
        {
            let world = try await World()
            try await world.use(total: 5)
            try await world.flush(nil, arrives: arrives, milliseconds: 1)
            try await world.use(total: 9)
            try await eventually("its deadline is over") {
                try await world.flush() == .sendRange(from: 0, to: 5, identifier: "attempt-1")
            }
            #expect(world.stripe == 5)
            guard case .sendRange(from: 5, to: 9, _) = try await world.flush() else {
                Issue.record("the rest is not sent")
                return
            }
            #expect(world.stripe == 9)
        }

        @Test func `a range too old for its identifier is compared first, and sent anew only if it is missing`()
            async throws
        {
            for arrives in [true, false] {
                let world = try await World()
                try await world.use(total: 5)
                try await world.flush(.open, arrives: arrives)
                // Its identifier counts for no more time at all.
                try await eventually("no attempt can be under way") {
                    try await world.flush(milliseconds: 1, resend: 0) == .compare
                }
                let next = try await world.flush()
                #expect(arrives ? next == .settled : isRange(next, from: 0, to: 5))
                #expect(world.stripe == 5)
                #expect(try await world.hour()?.acknowledged == 5)
            }
        }

        private func isRange(_ permit: SendPermit?, from: Int64, to: Int64) -> Bool {
            if case .sendRange(from, to, _) = permit { true } else { false }
        }

        @Test func `28 after a rollback nothing is cut before what Stripe has was read`() async throws {
            let world = try await World()
            try await world.use(total: 40)
            try await world.flush()
            let backup = try await world.snapshot()
            try await world.use(total: 100)
            try await world.flush()
            try await world.rollBack(to: backup, life: 2)
            try await world.use(total: 100)
            #expect(try await world.flush() == .compare)
            #expect(try await world.flush() == .settled)
            #expect(world.stripe == 100)
            try await world.use(total: 120)
            try await world.flush()
            #expect(world.stripe == 120)
        }

        @Test func `28 also when the backup knows nothing of the hour, or has a range that is not settled`()
            async throws
        {
            for cutsBefore in [true, false] {
                let world = try await World()
                var backup: [String] = []
                if cutsBefore {
                    try await world.use(total: 40)
                    try await world.flush(.open)
                    backup = try await world.snapshot()
                    try await world.flush()
                }
                try await world.use(total: 100)
                try await world.flush()
                // The life begins after the hour did, as in truth.
                try await world.rollBack(to: backup, life: 498_008 * 3_600_000_000)
                try await world.use(total: 100)
                #expect(try await world.flush() == .compare)
                #expect(try await world.flush() == .settled)
                #expect(world.stripe == 100)
            }
        }

        @Test func `29 a refund and use again are ranges of their own, within a day too`() async throws {
            let world = try await World()
            for total: Int64 in [3, 0, 3] {
                try await world.use(total: total)
                try await world.flush()
            }
            #expect(world.events.count == 3)
            #expect(world.stripe == 3)
        }

        @Test func `the comparison waits until no request can be under way, and then for summaries`() async throws {
            let world = try await World()
            try await world.use(total: 5)
            let now = try await world.bench.store.time()
            try await world.begin(life: now)
            let permit = try await world.bench.store.beginSend(
                Self.key, attempt: "one", milliseconds: 60_000, form: .range, lag: 300_000)
            #expect(permit == .underWay(until: now + 360_000_000))
        }

        @Test func `a hour that began in this life is cut without comparing`() async throws {
            let world = try await World(life: 498_007 * 3_600_000_000 - 1)
            try await world.use(total: 5)
            #expect(try await world.flush() == .sendRange(from: 0, to: 5, identifier: "attempt-1"))
        }

        @Test func `an answer of another life settles nothing`() async throws {
            let world = try await World()
            try await world.use(total: 5)
            _ = try await world.bench.store.beginSend(Self.key, attempt: "one", milliseconds: 60_000, form: .range)
            let isOurs = try await world.bench.store.end(Self.key, "one", .yes, total: 5, form: .range, life: "7")
            #expect(!isOurs)
            let hour = try #require(try await world.hour())
            #expect(hour.acknowledged == 0 && hour.sendingUntil != nil && hour.range != nil)
        }

        @Test func `a refused range is dropped with the letter, and comes under another identifier when it is revived`()
            async throws
        {
            let world = try await World()
            try await world.use(total: 5)
            _ = try await world.bench.store.beginSend(Self.key, attempt: "one", milliseconds: 60_000, form: .range)
            let letter = DeadLetter(code: "resource_missing", message: "No such customer", at: 7, total: 5)
            #expect(
                try await world.bench.store.bury(Self.key, letter, attempt: "one", form: .range, lag: 0))
            #expect(try await world.flush() == .dead)
            #expect(try await world.bench.store.revive(Self.key, form: .range, noting: .test))
            // An earlier attempt may have arrived, so what Stripe has is read first.
            try await eventually("the wait for summaries is over") { try await world.flush() == .compare }
            guard case .sendRange(from: 0, to: 5, _) = try await world.flush() else {
                Issue.record("it is not sent again")
                return
            }
            #expect(world.stripe == 5)
        }

        @Test func `a range that Stripe refused later is compared before it is sent again`() async throws {
            let world = try await World()
            try await world.use(total: 5)
            try await world.flush(arrives: false)
            #expect(try await world.bench.store.reopen(Self.key, form: .range, lag: 0))
            try await eventually("the wait for summaries is over") { try await world.flush() == .compare }
            try await world.flush()
            #expect(world.stripe == 5)
        }

        @Test func `what is written off is neither owed nor sent, and what is used later is`() async throws {
            let world = try await World()
            try await world.use(total: 5)
            _ = try await world.bench.store.beginSend(Self.key, attempt: "one", milliseconds: 60_000, form: .range)
            let letter = DeadLetter(code: "x", message: "y", at: 7, total: 5)
            _ = try await world.bench.store.bury(Self.key, letter, attempt: "one", form: .range, lag: 0)
            #expect(try await world.bench.store.drop(Self.key, form: .range, has: 0, seen: 5, noting: .test))
            try await eventually("it was compared") { try await world.flush() == .settled }
            #expect(try await world.hour()?.total == 0)
            try await world.use(total: 8)
            try await world.flush()
            #expect(world.stripe == 3)
        }
    }
}
