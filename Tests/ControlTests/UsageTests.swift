import Foundation
import Metering
import RedisLink
import Testing

@testable import Control

@Suite struct UsageTests {
    /// A priced counter, a level in bytes, a rate, and what is in flight.
    static let catalogue = Catalogue(
        meters: [
            Meter(name: "messages", kind: .counter, cycle: .period),
            Meter(
                name: "tokens", kind: .counter, cycle: .period,
                cost: TokenCost(per: 1_000_000, amount: 300, currency: "eur"),
                stripe: StripeMeter(eventName: "tokens")),
            Meter(name: "storage", kind: .level, unit: "bytes"), Meter(name: "calls", kind: .rate, cycle: .minute),
            Meter(name: "in_flight", kind: .concurrency), Meter(name: "extra", kind: .counter, cycle: .day),
        ],
        plans: [
            Plan(
                slug: "starter", name: "Starter",
                limits: [
                    "messages": Limit(value: 1000), "tokens": Limit(value: Amount.unlimited),
                    "storage": Limit(value: 10 << 30), "calls": Limit(value: 60), "in_flight": Limit(value: 4),
                ])
        ], timeZone: .gmt)

    /// A holder's row, as a sync writes it.
    static func putRow(
        _ rig: Rig, _ key: String, _ holder: String, _ numbers: [Double]
    ) async throws {
        // The client takes text, so the script packs the row.
        let script = "return redis.call('HSET', KEYS[1], ARGV[1], struct.pack('<ddddddd', unpack(ARGV, 2)))"
        let words = numbers.map { String(format: "%.0f", $0) }
        _ = try await rig.store.client.command(["EVAL", script, "1", key, ":\(holder)"] + words)
    }

    @Test func `the summary has the period, and what each meter's usage comes to`() async throws {
        let rig = try await Rig(catalogue: Self.catalogue)
        let (keys, client) = (rig.store.keys, rig.store.client)
        let now = try await rig.store.time()
        let start = now / 1_000_000 / 3600 * 3600 - 86_400
        try await rig.put("acme", period: (start, start + 4 * 86_400))
        let later = Double(now + 600_000_000)
        let messages = keys.usage("acme", "messages", period: start)
        _ = try await client.command(["HSET", messages, "used", "250", "held", "60"])
        try await Self.putRow(rig, messages, "h1.0.a", [100, 0, 40, 7, later, later, 1])
        try await Self.putRow(rig, messages, "h2.0.b", [100, 0, 100, 9, 1, 1, 1])
        _ = try await client.command(["HSET", keys.usage("acme", "tokens", period: start), "used", "2501667"])
        _ = try await client.command(["HSET", keys.level("acme", "storage"), "used", String(3 << 29)])
        _ = try await client.command(["SET", keys.rate("acme", "calls"), "\(now + 30_000_000) \(now)"])
        try await Self.putRow(rig, keys.usage("acme", "in_flight", period: 0), "h1.0.a", [3, 0, 0, 2, later, later, 1])
        try await rig.serve { api in
            let usage = try await api.get("/v1/tenants/acme/usage")
            #expect(usage.status == 200 && usage["plan"] == .string("starter") && usage["access"] == .string("ok"))
            #expect(usage["period", "start"] == .string(InstantText.text(start)))
            #expect(usage["period", "resets_at"] == .string(InstantText.text(start + 4 * 86_400)))
            #expect(usage["meters", "0", "used"] == .integer(250) && usage["meters", "0", "percent"] == .integer(25))
            #expect(usage["meters", "0", "reserved"] == .integer(7), "h2's reservation is over")
            guard case .integer(let projected) = usage["meters", "0", "projected"] else {
                Issue.record("no projection of a counter")
                return
            }
            #expect((900...1000).contains(projected), "a quarter of the period is over, or an hour more")
            #expect(usage["meters", "1", "cost", "amount"] == .integer(751))
            #expect(usage["meters", "1", "cost", "currency"] == .string("eur"))
            #expect(usage["meters", "1", "limit"] == .integer(-1) && usage["meters", "1", "overage"] == .integer(0))
            #expect(usage["meters", "2", "gigabytes", "used"] == .number(1.5))
            #expect(usage["meters", "2", "gigabytes", "limit"] == .integer(10))
            #expect(usage["meters", "2", "gigabytes", "percent"] == .integer(15))
            guard case .integer(let cells) = usage["meters", "3", "used"] else {
                Issue.record("no usage of a rate that has cells in hand somewhere")
                return
            }
            #expect((10...30).contains(cells) && usage["meters", "3", "resets_at"] != .null)
            #expect(usage["meters", "4", "used"] == .integer(2) && usage["meters", "4", "reserved"] == .integer(2))
            #expect(usage["meters", "4", "projected"] == .null && usage["meters", "5"] == nil)
        }
    }

    @Test func `huge numbers come through, and a tenant that cannot be asked about is refused`() async throws {
        let rig = try await Rig(catalogue: Self.catalogue)
        let (keys, client) = (rig.store.keys, rig.store.client)
        try await rig.put("acme")
        let second = try await rig.store.time() / 1_000_000
        let calendar = PeriodCalendar(.gmt)
        let period = calendar.period(for: .period, at: second, tenant: nil)
        _ = try await client.command(
            ["HSET", keys.usage("acme", "tokens", period: period.start), "used", String(Amount.largest)])
        _ = try await client.command(["HSET", keys.level("acme", "storage"), "used", String(Amount.largest)])
        try await rig.serve { api in
            let usage = try await api.get("/v1/tenants/acme/usage")
            #expect(usage["meters", "1", "used"] == .integer(Amount.largest))
            #expect(usage["meters", "1", "projected"] == .integer(Amount.largest))
            #expect(usage["meters", "1", "cost", "amount"] == .integer(300_000_000_000))
            #expect(usage["meters", "2", "gigabytes", "used"] == .number(931_322.57))
            #expect(usage["meters", "2", "overage"] == .integer(Amount.largest - 10 << 30))
            #expect(try await api.get("/v1/tenants/nobody/usage").status == 404)
            #expect(try await api.get("/v1/tenants/nobody/usage")["code"] == .string("unknown_tenant"))
            #expect(try await api.get("/v1/tenants/a%2Fb/usage").status == 400)
            #expect(try await api.get("/v1/tenants/acme/usage?meter=tokens").status == 400)
        }
    }

    @Test func `a stranger's usage is that of the default plan`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let usage = try await api.get("/v1/tenants/nobody/usage")
            #expect(usage["plan"] == .string("free") && usage["meters", "0", "limit"] == .integer(10))
        }
    }
}
