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
        let bench = try await SyncBench(settings: Self.settings)
        var random = SeededRandom(for: "script and twin")
        for _ in 0..<30 {
            _ = try bench.client.call("FLUSHALL")
            var history = TwinHistory(random: random, settings: Self.settings)
            for version in ["v1"] {
                history.store.versions["acme"] = version
                _ = try bench.client.call("HSET", bench.keys.tenant("acme"), "v", version)
            }
            var now = Self.start
            for step in 0..<80 {
                now += history.pause()
                let (request, run) = history.request()
                let expected = history.store.sync(request, run: run, now: now)
                let reply = try bench.run(request, run: run, now: now)
                try #require(reply == expected, "step \(step): \(request)")
                history.learn(reply, to: request)
            }
            try compare(bench, history.store)
            random = history.random
        }
    }

    private func compare(_ bench: SyncBench, _ store: SyncStore) throws {
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
        let owed = try (bench.client.call("ZRANGE", bench.keys.owed(0), "0", "-1").elements ?? []).compactMap(\.text)
        let expected = store.owed.map { KeySpace.owedMember(hour: $0.hour, meter: $0.meter, tenant: $0.tenant) }
        #expect(owed == expected.sorted())
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
