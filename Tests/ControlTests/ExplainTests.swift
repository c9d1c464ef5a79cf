import Foundation
import Metering
import RedisLink
import Testing

@testable import Control

@Suite struct ExplainTests {
    private static func api(_ rig: Rig, _ reading: TenantReading? = nil) -> ControlAPI {
        var context = rig.context
        context.explain = { _ in reading }
        return ControlAPI(
            context: context, configuration: rig.configuration,
            flusher: rig.flusher(context))
    }

    private static func explain(_ api: ControlAPI, _ tenant: String, meter: String? = nil) async throws -> JSONValue {
        let query = meter.map { ["meter": $0] } ?? [:]
        var request = ControlRequest(method: "GET", path: "", query: query, body: [], actor: "uid:1")
        request.parameters["id"] = tenant
        return try JSONDecoder().decode(JSONValue.self, from: Data(await api.explainTenant(request).body))
    }

    @Test func `a plan and an access are explained`() async throws {
        let rig = try await Rig()
        let api = Self.api(rig)
        func put(_ change: (inout Tenant) -> Void) async throws {
            var tenant = Tenant(id: "acme", plan: "starter", createdAt: 1_700_000_000)
            change(&tenant)
            _ = try await rig.store.putTenant("acme", fields: tenant.fields, replacing: "*", noting: .test)
        }
        var shown = try await Self.explain(api, "acme")
        #expect(shown["plan"]["from"] == .string("default_plan") && shown["plan"]["slug"] == .string("free"))
        #expect(shown["record"] == .null && shown["gate"] == .null)
        try await put { $0.status = .canceled }
        shown = try await Self.explain(api, "acme")
        #expect(shown["plan"]["from"] == .string("status_rule"))
        #expect(
            shown["plan"]["why"] == .string("its subscription is canceled: the default_plan takes the place of starter")
        )
        try await put { $0.restriction = Restriction("chargeback") }
        shown = try await Self.explain(api, "acme")
        #expect(shown["access"]["answer"] == .string("restricted"))
        #expect(shown["access"]["why"] == .string("the tenant is restricted: chargeback"))
        try await put { $0.plan = "gone" }
        shown = try await Self.explain(api, "acme")
        #expect(shown["access"]["answer"] == .string("no_subscription"))
        #expect(
            shown["access"]["why"] == .string("its record names gone, which the catalogue does not have"))
        #expect(shown["meters"] == .array([]))
    }

    @Test func `without a default plan a stranger is explained too`() async throws {
        let catalogue = Catalogue(meters: Rig.catalogue.meters, plans: Rig.catalogue.plans)
        let rig = try await Rig(catalogue: catalogue)
        let shown = try await Self.explain(Self.api(rig), "nobody")
        #expect(shown["access"]["answer"] == .string("unknown_tenant"))
        #expect(shown["plan"]["slug"] == .null && shown["plan"]["from"] == .string("none"))
    }

    @Test func `a meter's limit, period, holders, hours and what is owed of it are explained`() async throws {
        let rig = try await Rig()
        let (keys, client) = (rig.store.keys, rig.store.client)
        let now = try await rig.store.time()
        let (second, hour) = (now / 1_000_000, now / 3_600_000_000)
        let start = hour * 3600 - 86_400
        var tenant = Tenant(id: "acme", plan: "starter", createdAt: 1)
        tenant.limits["messages"] = 77
        try tenant.setPeriod(start: start, end: start + 30 * 86_400)
        _ = try await rig.store.putTenant("acme", fields: tenant.fields, replacing: "*", noting: .test)
        let usage = keys.usage("acme", "messages", period: start)
        _ = try await client.command(["HSET", usage, "used", "50", "held", "20"])
        // Long enough for a machine that is busy.
        let expires = Double((second + 600) * 1_000_000)
        try await UsageTests.putRow(rig, usage, "h1.0.a", [60, 5, 40, 4, expires, expires, 1])
        try await UsageTests.putRow(rig, usage, "h2.0.b", [20, 1, 10, 0, 0, 1_000_000, 1])
        try await rig.owe("acme", hour: hour, total: 30)
        try await rig.owe("acme", hour: hour - 30, total: 20)
        var reading = TenantReading(holder: "h1.0.a", version: "9", isStoreConnected: true, isLearning: false)
        reading.leaseLength = 600_000_000
        let shown = try await Self.explain(Self.api(rig, reading), "acme", meter: "messages")
        let meter = shown["meters"][0]
        #expect(meter["limit"] == .integer(77) && meter["plan_limit"] == .integer(1000))
        #expect(meter["override"]["value"] == .integer(77) && meter["override"]["expired"] == .bool(false))
        #expect(meter["period_from"] == .string("subscription"))
        #expect(meter["store"] == .object(["used": .integer(50), "held": .integer(20)]))
        let (first, other) = (meter["holders"][0], meter["holders"][1])
        #expect(first["holder"] == .string("h1.0.a") && first["here"] == .bool(true) && first["lasts"] == .bool(true))
        #expect(
            first["granted"] == .integer(60) && first["reserved"] == .integer(4) && first["unspent"] == .integer(11))
        #expect(first["heard_at"] == .string(InstantText.text(second)))
        #expect(other["here"] == .bool(false) && other["lasts"] == .bool(false) && other["unspent"] == .integer(9))
        #expect(
            meter["today"][0]
                == .object([
                    "hour": .string(InstantText.text(hour: hour)), "total": .integer(30), "acknowledged": .integer(0),
                ]))
        #expect(meter["owed"]["hours"] == .integer(2) && meter["owed"]["units"] == .integer(50))
        #expect(meter["owed"]["oldest"] == .string(InstantText.text(hour: hour - 30)))
        #expect(shown["not_in_plan"] == .array([]) && shown["meters"][1] == .null)
    }

    @Test func `hours above and below what Stripe acknowledged do not cancel out`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let now = try await rig.store.time() / 3_600_000_000
        for (hour, total, acknowledged) in [(now, 30, 20), (now - 30, 5, 15)] as [(Int64, Int64, Int64)] {
            try await rig.owe("acme", hour: hour, total: total)
            let day = rig.store.keys.day("acme", "messages", day: hour / 24)
            _ = try await rig.store.client.command(
                ["HSET", day, "\(KeySpace.hourOfDay(hour))=acked", "\(acknowledged) 1"])
        }
        let owed = try await Self.explain(Self.api(rig), "acme", meter: "messages")["meters"][0]["owed"]
        #expect(owed["hours"] == .integer(2) && owed["units"] == .integer(20))
    }

    @Test func `own limits are told with who gave them until when, and with grants on top of them`() async throws {
        let rig = try await Rig()
        let second = try await rig.store.time() / 1_000_000
        let period = PeriodCalendar(.gmt).period(for: .period, at: second, tenant: nil)
        var tenant = Tenant(id: "acme", plan: "starter", createdAt: 1)
        tenant.limits["messages"] = LimitOverride(
            50, until: second + 3600, by: "uid:7", reason: "load tests", setAt: second)
        tenant.limits["tokens"] = LimitOverride(9, until: second - 5)
        tenant.grants = [
            Grant(
                id: "g1", meter: "messages", units: 8, givenAt: second, expires: second + 9000, by: "uid:7",
                reason: "sorry", period: period, base: 0)
        ]
        _ = try await rig.store.putTenant("acme", fields: tenant.fields, replacing: "*", noting: .test)
        let shown = try await Self.explain(Self.api(rig), "acme")
        let (messages, tokens) = (shown["meters"][0], shown["meters"][1])
        #expect(messages["limit"] == .integer(58) && messages["granted"] == .integer(8))
        #expect(messages["override"]["by"] == .string("uid:7"))
        #expect(messages["grants"][0]["id"] == .string("g1") && messages["grants"][0]["left"] == .integer(8))
        let end = InstantText.text(second + 3600)
        #expect(
            messages["limit_why"] == .string("the tenant's own until \(end), in place of the plan's: load tests"))
        #expect(tokens["limit"] == .integer(50) && tokens["override"]["expired"] == .bool(true))
        let over = InstantText.text(second - 5)
        #expect(tokens["limit_why"] == .string("the plan's: the tenant's own ran out at \(over)"))
        #expect(tokens["grants"] == .array([]))
    }

    @Test func `what the gate knows is told with the last refusal and its reason`() async throws {
        var reading = TenantReading(holder: "h1.0.a", version: nil, isStoreConnected: false, isLearning: true)
        reading.lastRefusal = RefusalReading(
            instant: 1_795_722_269_202_000, command: "take", meter: "messages", amount: 3, reason: .limitExceeded,
            used: 9, limit: 10, retryAfterMilliseconds: 5000, source: .lease)
        let rig = try await Rig()
        let gate = try await Self.explain(Self.api(rig, reading), "acme")["gate"]
        #expect(gate["redis"] == .string("away") && gate["learning"] == .bool(true))
        #expect(gate["knows_record"] == .bool(false))
        #expect(gate["last_refusal"]["at"] == .string("2026-11-26T19:44:29Z"))
        #expect(gate["last_refusal"]["why"] == .string("9 of 10 were used, and 3 did not fit"))
        #expect(gate["last_refusal"]["decided_by"] == .string("lease"))
    }

    @Test func `a meter that is not in the plan is explained, and one that nobody knows is refused`() async throws {
        let rig = try await Rig()
        let api = Self.api(rig)
        let shown = try await Self.explain(api, "nobody", meter: "tokens")
        #expect(shown["meters"][0]["in_plan"] == .bool(false))
        #expect(
            shown["meters"][0]["limit_why"]
                == .string("free does not name the meter: calls are refused as not_in_plan"))
        let problem = await #expect(throws: Problem.self) { try await Self.explain(api, "nobody", meter: "nope") }
        #expect(problem?.status == 400 && problem?.code == "unknown_meter")
    }
}

extension JSONValue {
    fileprivate subscript(name: String) -> JSONValue {
        if case .object(let fields) = self { fields[name] ?? .null } else { .null }
    }

    fileprivate subscript(index: Int) -> JSONValue {
        if case .array(let items) = self, items.indices.contains(index) { items[index] } else { .null }
    }
}
