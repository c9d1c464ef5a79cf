import Gate
import Metering
import RESP
import TestSupport
import Testing

@testable import RedisLink

/// The simulation proves something about Redis only if its store does what the script does.
@Suite struct `The script and its twin` {
    private static let settings = LeaseSettings(reservationTTL: 8_000_000)
    private static let start: Int64 = 1_790_000_000_000_000

    @Test func `they answer alike and leave the same behind`() async throws {
        let bench = try await SyncBench(settings: Self.settings, partitions: 3)
        let subscriber = try bench.redis.connect()
        for partition in 0..<3 { _ = try subscriber.call("SUBSCRIBE", bench.keys.recalls(partition)) }
        var calls = TwinCalls(random: SeededRandom(for: "script and twin"))
        for _ in 0..<30 {
            _ = try bench.client.call("FLUSHALL")
            var histories = (0..<3).map {
                let random = SeededRandom(seed: calls.random.next())
                return TwinHistory(tenant: bench.tenant(of: $0), random: random, settings: Self.settings)
            }
            for history in histories {
                _ = try bench.client.call("HSET", bench.keys.tenant(history.tenant), "v", "v1")
                _ = try bench.client.call("HSET", bench.keys.level(history.tenant, "seats"), "used", "20")
            }
            // Of one tenant something has gone to Stripe.
            let sent = SyncStore.HourPlace(tenant: histories[0].tenant, meter: "tokens", hour: 497_000)
            histories[0].store.sent = [sent]
            let day = bench.keys.day(sent.tenant, sent.meter, day: sent.hour / 24)
            _ = try bench.client.call("HSET", day, "\(KeySpace.hourOfDay(sent.hour))=acked", "1 1")
            var now = Self.start
            for step in 0..<100 {
                now += calls.pause()
                try make(calls.next(), with: calls.partitions(), of: &histories, bench, subscriber, now, step)
                try giveBack(calls.next(), at: calls.partitions()[0], of: &histories, bench, subscriber, now, step)
            }
            for (partition, history) in histories.enumerated() { try compare(bench, history.store, partition) }
        }
    }

    /// Makes one call for these partitions, and holds its answer and what was published against the twin's.
    private func make(
        _ call: TwinCall, with partitions: [Int], of histories: inout [TwinHistory], _ bench: SyncBench,
        _ subscriber: GateClient, _ now: Int64, _ step: Int
    ) throws {
        var parts: [SyncWire.Part] = []
        var expected: [SyncReply] = []
        var notices: [RESPValue] = []
        for partition in partitions {
            let request = histories[partition].request(call)
            parts.append((partition, request))
            expected.append(histories[partition].store.sync(request, run: call.run, now: now))
            for notice in histories[partition].store.notices {
                let words = ["message", bench.keys.recalls(partition), text(notice, bench.keys)]
                notices.append(.array(words.map { .bulk(Array($0.utf8)) }))
            }
        }
        let replies = try bench.run(parts, run: call.run, now: now)
        try #require(replies == expected, "step \(step): \(parts)")
        for notice in notices { try #require(subscriber.read() == notice, "step \(step): \(parts)") }
        for (part, reply) in zip(parts, replies) { histories[part.partition].learn(reply, to: part.request) }
    }

    /// Has a partition's holder give something back, and holds the answer and what was published against the twin's.
    private func giveBack(
        _ call: TwinCall, at partition: Int, of histories: inout [TwinHistory], _ bench: SyncBench,
        _ subscriber: GateClient, _ now: Int64, _ step: Int
    ) throws {
        let request = histories[partition].refund(call)
        let expected = histories[partition].store.refund(request, run: call.run, now: now)
        try #require(try bench.run(request, run: call.run, now: now) == expected, "step \(step): \(request)")
        for notice in histories[partition].store.notices {
            let words = ["message", bench.keys.recalls(partition), text(notice, bench.keys)]
            try #require(subscriber.read() == .array(words.map { .bulk(Array($0.utf8)) }), "step \(step)")
        }
        histories[partition].learn(expected, to: request)
    }

    private func text(_ notice: SyncStore.Notice, _ keys: KeySpace) -> String {
        switch notice {
        case .recall(let key): "r" + keys.usage(key.tenant, key.meter, period: key.period)
        case .wake(let key, let holder): "w\(holder) " + keys.usage(key.tenant, key.meter, period: key.period)
        case .tell(let key): "t" + keys.usage(key.tenant, key.meter, period: key.period)
        }
    }

    private func compare(_ bench: SyncBench, _ store: SyncStore, _ partition: Int) throws {
        try compareLife(bench, store, partition)
        for (meter, level) in store.levels {
            #expect(try bench.field(bench.keys.level(bench.tenant(of: partition), meter), "used") == level)
        }
        let entries = try bench.client.call("XRANGE", bench.keys.audit(partition), "-", "+").elements ?? []
        #expect(entries.count == store.audits.count)
        for (entry, audit) in zip(entries, store.audits) {
            let words = entry.elements?[1].elements?.compactMap(\.text) ?? []
            #expect(
                Array(words.prefix(6)) == [
                    "tenant", bench.tenant(of: partition), "action", "usage.refund", "actor", audit.actor,
                ])
            #expect(words[9] == Self.json(audit.before) && words[11] == Self.json(audit.after))
        }
        for (key, usage) in store.usages {
            let name = bench.keys.usage(key.tenant, key.meter, period: key.period)
            #expect(try bench.field(name, "used") == usage.used)
            #expect(try bench.field(name, "held") == usage.held)
            #expect(try bench.client.call("EXPIRETIME", name).integer == TwinHistory.keptUntil)
            #expect(try bench.client.call("HEXISTS", name, "waiting").integer == (usage.waiters.isEmpty ? 0 : 1))
        }
        for (place, rows) in store.hours {
            let name = bench.keys.day(place.tenant, place.meter, day: place.hour / 24)
            for (holder, totals) in rows {
                let field = "\(KeySpace.hourOfDay(place.hour)):\(holder)"
                #expect(try bench.field(name, field) == totals.consumed)
                #expect(try bench.field(name, field + "~") == -totals.refunded)
                #expect(try bench.field(name, field + "!") == totals.decided)
            }
            #expect(
                try bench.client.call("EXPIRETIME", name).integer == (place.hour / 24 + 1) * 86_400 + 40_000_000)
        }
        let members = try bench.client.call("ZRANGE", bench.keys.owed(partition), "0", "-1").elements ?? []
        let expected = store.owed.map { KeySpace.owedMember(hour: $0.hour, meter: $0.meter, tenant: $0.tenant) }
        #expect(members.compactMap(\.text) == expected.sorted())
    }

    private static func json(_ amounts: [String: Int64]) -> String {
        "{" + amounts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private func compareLife(_ bench: SyncBench, _ store: SyncStore, _ partition: Int) throws {
        let name = bench.keys.life(partition)
        guard let life = store.life else {
            #expect(try bench.client.call("EXISTS", name).integer == 0)
            return
        }
        #expect(try bench.client.call("HGET", name, "run").text == life.run)
        for (field, value) in [("born", life.born), ("until", life.until), ("quiet", life.quiet), ("at", life.at)] {
            #expect(try bench.field(name, field) == value, "\(field)")
        }
        for (holder, heard) in life.telling { #expect(try bench.field(name, ":" + holder) == heard) }
        #expect(try bench.field(name, "heir") == (life.heir ?? 0))
        let count = 5 + (life.heir == nil ? 0 : 1) + life.telling.count
        #expect(try bench.client.call("HLEN", name).integer == Int64(count))
    }

    @Test func `partitions in one call are nothing to each other`() async throws {
        let bench = try await SyncBench(settings: Self.settings, partitions: 2)
        func request(_ partition: Int, _ life: StoreLife?, isFresh: Bool = false, leases: Int) -> SyncRequest {
            let item = SyncRequest.Item(
                key: LeaseKey(tenant: bench.tenant(of: partition), meter: "messages", period: 1_789_000_000),
                terms: LeaseTerms(bound: 10, version: "", isBilled: false, keptUntil: TwinHistory.keptUntil),
                statement: LeaseStatement(granted: 0, returned: 0, spent: 0, need: 4, needFor: 1000), hours: [])
            return SyncRequest(
                holder: "h", life: life, isFresh: isFresh, notAfter: .max, sentAt: 1,
                items: Array(repeating: item, count: leases))
        }
        let lives = try bench.run(
            [(0, request(0, nil, isFresh: true, leases: 0)), (1, request(1, nil, leases: 0))], run: "r",
            now: Self.start)
        #expect(lives.map(\.isLearning) == [false, true])
        #expect(lives.map(\.items.count) == [0, 0])
        let replies = try bench.run(
            [(1, request(1, lives[1].life, leases: 1)), (0, request(0, lives[0].life, leases: 1))], run: "r",
            now: Self.start + 1)
        #expect(replies.map(\.isLearning) == [true, false])
        #expect(replies.map(\.items[0].verdict) == [.undecided, .granted])
    }

    @Test func `totals of fifteen digits stay whole`() async throws {
        let bench = try await SyncBench(settings: Self.settings)
        let totals = HourTotals(hour: 497_000, consumed: Amount.largest)
        let item = SyncRequest.Item(
            key: LeaseKey(tenant: "acme", meter: "tokens", period: 1_789_000_000),
            terms: LeaseTerms(bound: -1, version: "", isBilled: true, keptUntil: TwinHistory.keptUntil),
            statement: LeaseStatement(granted: Amount.largest, returned: 0, spent: Amount.largest), hours: [totals])
        let request = SyncRequest(holder: "h", life: nil, notAfter: .max, sentAt: 1, items: [item])
        for instant in 0..<2 {
            let reply = try bench.run(request, run: "r", now: Self.start + Int64(instant))
            #expect(reply.items[0].used == Amount.largest)
            #expect(reply.items[0].hours == [totals])
        }
        let day = bench.keys.day("acme", "tokens", day: 497_000 / 24)
        #expect(try bench.client.call("HGET", day, "08:h").text == String(Amount.largest))
    }
}
