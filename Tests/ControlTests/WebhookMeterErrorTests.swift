import Billing
import Metering
import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct WebhookMeterErrorTests {
    private static let type = "v1.billing.meter.error_report_triggered"

    /// An hour that Stripe acknowledged, and the identifier of its event.
    private func acknowledged(_ hooks: WebhookRig, _ tenant: String, total: Int64) async throws -> String {
        let store = hooks.rig.store
        let hour = Rig.hour - 1
        var random = SystemRandomNumberGenerator()
        let identifier = EventIdentifier.make(
            partition: store.keys.partition(of: tenant), hour: hour, using: &random)
        try await hooks.rig.put(tenant)
        try await hooks.rig.owe(tenant, total: total)
        let name = KeySpace.hourOfDay(hour)
        _ = try await store.client.command(
            [
                "HSET", store.keys.day(tenant, "messages", day: hour / 24), "\(name)=acked", String(total),
                "\(name)=id", identifier,
            ])
        _ = try await store.client.command(["DEL", store.keys.owed(store.keys.partition(of: tenant))])
        return identifier
    }

    private func report(_ event: String, count: Int, _ errors: [(code: String, identifier: String)]) -> String {
        let types = errors.map {
            """
            {"code":"\($0.code)","error_count":1,"sample_errors":[{"error_message":"Stripe's words.",
            "request":{"identifier":"\($0.identifier)"}}]}
            """
        }
        return """
            {"id":"\(event)","object":"v2.core.event","type":"\(Self.type)",
            "related_object":{"id":"mtr_1","type":"billing.meter","url":"/v1/billing/meters/mtr_1"},
            "data":{"developer_message_summary":"x","reason":{"error_count":\(count),
            "error_types":[\(types.joined(separator: ","))]},
            "validation_start":"2026-01-15T10:20:40.000Z","validation_end":"2026-01-15T10:20:50.000Z"}}
            """
    }

    private func apply(_ hooks: WebhookRig, _ event: String, _ report: String) async throws {
        hooks.objects.set("/v2/core/events/\(event)", report)
        try await hooks.work { _ in
            try await hooks.put(StoredEvent(id: event, type: Self.type, object: "mtr_1"))
            try await eventually("it is applied") { try await hooks.pending().isEmpty }
        }
        #expect(try await hooks.dead().isEmpty)
    }

    private func letters(_ hooks: WebhookRig, _ tenant: String) async throws -> [DeadLetter] {
        let store = hooks.rig.store
        return try await store.deadLetters(partition: store.keys.partition(of: tenant), after: nil, limit: 10)
            .filter { $0.0.tenant == tenant }.map(\.1)
    }

    @Test func `each hour that is named is owed again or dead, by its code`() async throws {
        let hooks = try await WebhookRig()
        let early = try await acknowledged(hooks, "acme", total: 7)
        let unknown = try await acknowledged(hooks, "globex", total: 9)
        try await apply(
            hooks, "evt_1",
            report(
                "evt_1", count: 5,
                [("timestamp_in_future", early), ("meter_event_customer_not_found", unknown), ("no_meter", "x-1")]))
        let owed = try await hooks.rig.owed("acme")
        #expect(owed.map(\.key.hour) == [Rig.hour - 1] && owed[0].total == 7 && owed[0].acknowledged == 0)
        #expect(try await hooks.rig.owed("globex").isEmpty)
        let letters = try await letters(hooks, "globex")
        #expect(letters.map(\.code) == ["meter_event_customer_not_found"])
        #expect(letters[0].message == "Stripe's words." && letters[0].total == 9 && letters[0].at == hooks.now)
        for (outcome, count) in [("owed", 1), ("dead", 1), ("unmatched", 1), ("unnamed", 2)] {
            #expect(hooks.has("tollgate_webhook_meter_errors_total{outcome=\"\(outcome)\"} \(count)"), "\(outcome)")
        }
        #expect(hooks.rig.logs.lines.contains { $0.contains("that it does not name") && $0.contains("count=2") })
    }

    @Test func `a report that comes again, or of an event that a newer one replaced, changes nothing`() async throws {
        let hooks = try await WebhookRig()
        let identifier = try await acknowledged(hooks, "acme", total: 7)
        try await apply(hooks, "evt_1", report("evt_1", count: 1, [("no_meter", identifier)]))
        #expect(try await hooks.rig.owed("acme").count == 1)
        let newer = try await acknowledged(hooks, "acme", total: 8)
        try await apply(hooks, "evt_2", report("evt_2", count: 1, [("meter_event_invalid_value", identifier)]))
        #expect(try await hooks.rig.owed("acme").isEmpty)
        #expect(try await letters(hooks, "acme").isEmpty)
        try await apply(hooks, "evt_3", report("evt_3", count: 1, [("meter_event_invalid_value", newer)]))
        #expect(try await letters(hooks, "acme").map(\.code) == ["meter_event_invalid_value"])
    }

    @Test func `an earlier range that Stripe could not use has its hour compared at once`() async throws {
        let hooks = try await WebhookRig(
            catalogue: Rig.billing([
                "messages": StripeMeter(eventName: "messages_used"),
                "tokens": StripeMeter(mode: .sum, eventName: "tokens_used"),
            ]))
        let store = hooks.rig.store
        let (hour, partition) = (Rig.hour - 1, store.keys.partition(of: "acme"))
        try await hooks.rig.put("acme")
        let later: Int64 = 2_000_000_000
        let soon: Int64 = 1_000_000_000
        for (meter, hour, due) in [
            ("tokens", hour, later), ("messages", hour, later), ("tokens", hour - 1, later), ("tokens", hour - 2, soon),
        ] {
            let member = KeySpace.owedMember(hour: hour, meter: meter, tenant: "acme")
            _ = try await store.client.command(["ZADD", store.keys[partition].checks, String(due), member])
        }
        func due() async throws -> [String: Int64] {
            let due = try await store.dueChecks([partition], by: later, limit: 10)
            return Dictionary(uniqueKeysWithValues: due.map { ("\($0.key.meter) \($0.key.hour - hour)", $0.dueAt) })
        }
        var random = SystemRandomNumberGenerator()
        let errors = [hour, hour - 2].map {
            (
                code: "meter_event_invalid_value",
                identifier: EventIdentifier.make(partition: partition, hour: $0, using: &random)
            )
        }
        try await apply(hooks, "evt_1", report("evt_1", count: 2, errors))
        #expect(
            try await due() == [
                "tokens 0": (hour + 1) * 3600 + 300, "messages 0": later, "tokens -1": later, "tokens -2": soon,
            ])
        #expect(hooks.has("tollgate_webhook_meter_errors_total{outcome=\"unmatched\"} 2"))
    }

    @Test func `what was owed again is told to the audit stream, with the event that did it`() async throws {
        let hooks = try await WebhookRig()
        let identifier = try await acknowledged(hooks, "acme", total: 7)
        try await apply(hooks, "evt_1", report("evt_1", count: 1, [("archived_meter", identifier)]))
        let store = hooks.rig.store
        let key = store.keys.audit(store.keys.partition(of: "acme"))
        let entries = "\(try await store.client.command(["XREVRANGE", key, "+", "-", "COUNT", "1"]))"
        for part in ["hour.reopen", "webhook:evt_1", "archived_meter", "messages"] {
            #expect(entries.contains(part), "\(part) in \(entries)")
        }
    }
}
