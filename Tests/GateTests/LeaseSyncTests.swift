import Ledger
import Metering
import RESP
import Reactor
import RedisLink
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct LeaseSyncTests {
        private static let minutes = Catalogue(
            meters: [Meter(name: "messages", kind: .counter, cycle: .minute)],
            plans: [Plan(slug: "starter", name: "Starter", limits: ["messages": Limit(value: Amount.unlimited)])])

        @Test func `each minute's usage is told whole, whether the lease before it had come to rest or not`()
            async throws
        {
            try await GateRig.run(Self.minutes) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                #expect(try client.call("CHECK", "acme", "messages").elements?[1].text == "ok")
                // Of an hour to come, so that no minute of it is over.
                let start = await gate.onLoop { ($0.redisSecond / 3600 + 1) * 3600 }
                await gate.onLoop { server in
                    server.count(5, at: start)
                    // The minute before is not told yet.
                    server.count(4, at: start + 60)
                }
                try await eventually("the second minute's lease is at rest") { await gate.onLoop { $0.isAtRest } }
                await gate.onLoop { $0.count(3, at: start + 120) }
                try await eventually("the third minute's lease is at rest") { await gate.onLoop { $0.isAtRest } }
                let redis = try gate.redis.connect()
                for (minute, used) in [(0, "5"), (1, "4"), (2, "3")] as [(Int64, String)] {
                    let key = gate.keys.usage("acme", "messages", period: start + minute * 60)
                    #expect(try redis.call("HGET", key, "used").text == used, "minute \(minute)")
                }
            }
        }

        @Test func `an overtaken reply confirms what it says, and starts no race of syncs`() async throws {
            try await GateRig.run(configure: { $0.confirmsWithRedis = true }) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                #expect(try client.call("RECORD", "acme", "messages", "1").errorText == nil)
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                try client.send(["RECORD", "acme", "messages", "1"])
                try await eventually("the call waits for Redis") {
                    await gate.onLoop { $0.lease?.unconfirmed.count == 1 }
                }
                #expect(await gate.onLoop { $0.hearOvertaken(spent: 1) } == false, "a newer sync is on its way")
                #expect(await gate.onLoop { $0.hearOvertaken(spent: 2) } == false)
                #expect(try client.read().errorText == nil)
            }
        }

        @Test func `who waits does not ask again while a newer sync is on its way`() async throws {
            try await GateRig.run(configure: { $0.leases.recallDeadline = 10_000_000 }) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                #expect(try client.call("TAKE", "acme", "messages", "1").elements?[0].integer == 1)
                gate.redis.freeze()
                try client.send(["TAKE", "acme", "messages", "50000"])
                try await eventually("the call waits") { await gate.onLoop { $0.lease?.line.count == 1 } }
                #expect(await gate.onLoop { $0.hearOvertaken(spent: 1) } == false)
                gate.redis.thaw()
                #expect(try client.read().elements?[0].integer == 1)
            }
        }

        @Test func `looking for old leases counts free rows like others, so that no step of it takes long`()
            async throws
        {
            try await GateRig.run { gate in
                let looked = await gate.onLoop { server in
                    (0..<5).map { _ in
                        let before = server.book.rowCursor
                        server.book.letGoOldLeases(1000)
                        return (server.book.rowCursor - before + 4096) % 4096
                    }
                }
                #expect(looked == Array(repeating: 1000, count: 5))
            }
        }

        @Test func `rows that a full Redis could not take are told once it has room`() async throws {
            try await Self.runForgotten { gate, redis, usage in
                let syncs = gate.metrics.value(.syncs)
                try await eventually("Redis has refused it") { gate.metrics.value(.syncs) > syncs + 3 }
                #expect(try redis.call("HGET", usage, "used").text == nil)
                _ = try redis.call("CONFIG", "SET", "maxmemory", "0")
                try await eventually("Redis was told again") {
                    try redis.call("HGET", usage, "used").text == "7"
                }
            }
        }

        @Test func `who asks whether Redis has everything waits until one that has forgotten was told again`()
            async throws
        {
            try await Self.runForgotten { gate, redis, usage in
                #expect(await gate.settle(within: 50_000) == false, "it is full")
                _ = try redis.call("CONFIG", "SET", "maxmemory", "0")
                #expect(await gate.settle(within: 60_000_000) == true)
                #expect(try redis.call("HGET", usage, "used").text == "7")
            }
        }

        @Test func `what Redis has forgotten is told before a call that it decides`() async throws {
            try await Self.runForgotten { gate, _, _ in
                #expect(await gate.onLoop { $0.tellOwnUsage() } == true)
            }
        }

        /// Runs `body` with a full Redis, and the key of a tenant's usage that Redis has just forgotten: 7 messages,
        /// and their lease is at rest.
        private static func runForgotten(_ body: (GateRig, GateClient, String) async throws -> Void) async throws {
            try await GateRig.run { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                #expect(try client.call("RECORD", "acme", "messages", "7").errorText == nil)
                try await eventually("the lease is at rest") { await gate.onLoop { $0.isAtRest } }
                let period = try #require(await gate.onLoop { $0.lease?.key.period })
                let usage = gate.keys.usage("acme", "messages", period: period)
                let redis = try gate.redis.connect()
                #expect(try redis.call("HGET", usage, "used").text == "7")
                try await forget(gate, redis, usage)
                try await body(gate, redis, usage)
            }
        }

        /// Redis gets full and forgets a key, and the gate hears of a new life of its partition, the news of which no
        /// full Redis could tell.
        private static func forget(_ gate: GateRig, _ redis: GateClient, _ usage: String) async throws {
            let partition = gate.keys.partition(of: "acme")
            let life = try #require(await gate.onLoop { $0.book.partitions.life(partition) })
            let next = StoreLife(run: life.run, born: life.born + 1)
            _ = try redis.call("CONFIG", "SET", "maxmemory", "1")
            let days = try redis.call("KEYS", gate.keys.tag(partition) + "h:*").elements ?? []
            #expect(try redis.call(["DEL", usage] + days.compactMap(\.text)).integer == 2)
            let script = "#!lua flags=allow-oom\nreturn redis.call('HSET', KEYS[1], 'born', ARGV[1])"
            #expect(try redis.call("EVAL", script, "1", gate.keys.life(partition), String(next.born)).integer == 0)
            await gate.onLoop { server in
                let book = server.book
                let now = server.redis.clock.time(at: server.loop.now)
                let request = book.syncs.request(partition, items: [], now: server.loop.now)
                book.receive(
                    SyncReply(life: next, isLearning: false, now: now, items: []),
                    to: SyncBatch.Part(partition: partition, request: request))
            }
        }
    }
}

extension GateRig {
    /// Whether Redis has everything in time.
    fileprivate func settle(within limit: Int64) async -> Bool {
        await withCheckedContinuation { continuation in
            Task {
                await onLoop { server in
                    let deadline = server.loop.now + limit
                    server.receive(.settle(deadline: deadline, done: { continuation.resume(returning: $0) }))
                }
            }
        }
    }
}

extension GateServer {
    /// The first lease of the tenant of these tests.
    fileprivate var lease: HeldLease? { directory.known("acme")?.leases.compactMap { $0 }.first }

    fileprivate var isAtRest: Bool { lease.map { $0.place < 0 } ?? false && book.active.isEmpty }

    /// Counts usage as of this second of Redis's clock.
    fileprivate func count(_ amount: Int64, at second: Int64) {
        guard let entry = directory.known("acme"), let held = book.held(entry, 0, at: second) else { return }
        book.spend(amount, held, isAlways: true)
    }

    /// Tells what a call depends on that Redis is about to decide. Returns whether that is the lease.
    fileprivate func tellOwnUsage() -> Bool? {
        guard let held = lease, let client = acceptor?.clients.first else { return nil }
        request.items = [SpendCall.Item(meter: 0, amount: 1)]
        book.tellOwnUsage(of: makeCall(.take, entry: held.entry, client: client))
        return held.isListed
    }

    /// Hears the reply to a sync, a newer one being on its way. Returns whether a third is due at once.
    fileprivate func hearOvertaken(spent: Int64) -> Bool? {
        guard let held = lease, let life = book.partitions.life(held.partition) else { return nil }
        book.syncs.send(now: loop.now)
        let sentAt = loop.now - 1
        let statement = held.lease.ask(waiting: 0, deadline: 0, want: 0, now: sentAt)
        let newer = book.item(of: held)
        let item = SyncRequest.Item(key: held.key, terms: newer.terms, statement: statement, hours: [])
        let told = SyncReply.Item(
            granted: statement.granted, returned: statement.returned, spent: spent, used: spent, held: 0)
        book.receive(
            SyncReply(life: life, isLearning: false, now: redis.clock.time(at: loop.now), items: [told]),
            to: SyncBatch.Part(
                partition: held.partition, request: book.syncs.request(held.partition, items: [item], now: sentAt),
                leases: [held]))
        return held.isListed
    }
}
