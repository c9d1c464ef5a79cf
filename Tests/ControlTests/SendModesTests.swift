import Metering
import RedisLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// Each way of sending, against the project's own stand-in for Stripe.
@Suite struct SendModesTests {
    private static let seed = """
        {"customers":[{"id":"cus_acme"}],
        "meters":[{"event_name":"messages_used","formula":"sum","event_time_window":"hour"},
        {"event_name":"tokens_used","formula":"sum"}]}
        """

    /// `messages` goes out as hourly totals and `tokens` as ranges.
    private static let catalogue = Rig.billing([
        "messages": StripeMeter(eventName: "messages_used"),
        "tokens": StripeMeter(mode: .sum, eventName: "tokens_used"),
    ])

    @Test func `ranges add up to the total, up and down`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        try await run.rig.put("acme")
        for total: Int64 in [5, 9, 7, 7, 12] {
            try await run.rig.owe("acme", "tokens", total: total)
            _ = try await run.flusher.flush()
            #expect(try await run.recorded("tokens_used", customer: "cus_acme", hour: Rig.hour - 1) == Double(total))
        }
        #expect(try await run.rig.owed("acme").isEmpty)
    }

    @Test(arguments: [("messages", "messages_used"), ("tokens", "tokens_used")])
    func `what comes after the books have closed goes out with the next period, once`(meter: String, event: String)
        async throws
    {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        // The period ended at ten past, 20 hours ago.
        let edge = (Rig.hour - 20) * 3600 + 600
        try await run.rig.put("acme", period: (edge, edge + 14 * 86_400))
        let flusher = run.flusher
        try await run.rig.owe("acme", meter, hour: Rig.hour - 1, total: 3)
        try await run.rig.owe("acme", meter, hour: Rig.hour - 40, total: 10)
        try await run.rig.owe("acme", meter, hour: Rig.hour - 30, total: 4)
        let report = try await flusher.flush()
        #expect(report.acknowledged == 1 && report.failed == 0)
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 40) == 0)
        _ = try await flusher.flush()
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 20) == 14)
        #expect(try await run.rig.owed("acme").isEmpty)
        // A sidecar comes back and tells of more.
        try await run.rig.owe("acme", meter, hour: Rig.hour - 40, total: 11)
        _ = try await flusher.flush()
        _ = try await flusher.flush()
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 20) == 15)
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 1) == 3)
    }

    @Test func `a late row that Redis forgot is made again, the same`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        let edge = (Rig.hour - 20) * 3600
        try await run.rig.put("acme", period: (edge, edge + 14 * 86_400))
        try await run.rig.owe("acme", hour: Rig.hour - 40, total: 10)
        _ = try await run.flusher.flush()
        _ = try await run.flusher.flush()
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 20) == 10)
        // Redis goes back to before, in another life, and what it forgot is told again.
        let keys = run.rig.store.keys
        for hour in [Rig.hour - 40, Rig.hour - 20] {
            _ = try await run.rig.store.client.command(["DEL", keys.day("acme", "messages", day: hour / 24)])
        }
        _ = try await run.rig.store.client.command(
            ["HSET", keys.life(keys.partition(of: "acme")), "born", "7", "until", "0"])
        try await run.rig.owe("acme", hour: Rig.hour - 40, total: 10)
        try await run.rig.owe("acme", hour: Rig.hour - 20, total: 1)
        for _ in 1...3 { _ = try await run.flusher.flush() }
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 20) == 11)
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 40) == 0)
    }

    @Test func `a row that is late for two periods is carried on`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        // Periods of a day; the one that runs began five hours ago.
        let start = (Rig.hour - 5) * 3600
        try await run.rig.put("acme", period: (start, start + 86_400))
        try await run.rig.owe("acme", hour: Rig.hour - 60, total: 6)
        for _ in 1...4 { _ = try await run.flusher.flush() }
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 5) == 6)
        for hour in [Rig.hour - 60, Rig.hour - 53, Rig.hour - 29] {
            #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: hour) == 0)
        }
        #expect(try await run.rig.owed("acme").isEmpty)
    }

    @Test func `usage of before the first billed period is on no invoice, and stays in its hour`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        let start = (Rig.hour - 5) * 3600
        var tenant = Tenant(id: "acme", plan: "starter", createdAt: 1_700_000_000)
        tenant.customer = "cus_acme"
        try tenant.setPeriod(start: start, end: start + 30 * 86_400)
        _ = try await run.rig.store.putTenant("acme", fields: tenant.fields, replacing: "*", noting: .test)
        try await run.rig.owe("acme", hour: Rig.hour - 60, total: 6)
        try await run.rig.owe("acme", hour: Rig.hour - 40 * 24, total: 7)
        _ = try await run.flusher.flush()
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 60) == 6)
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 5) == 0)
        #expect(try await run.rig.store.deadCounts().reduce(0, +) == 1)
    }

    @Test func `a late row holds what its hours lack, whatever else Stripe has of the period`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        let edge = (Rig.hour - 20) * 3600
        try await run.rig.put("acme", period: (edge, edge + 14 * 86_400))
        // Another system sent these before tollgate did.
        let meter = try #require(try await run.client.meters(eventName: "messages_used").first)
        _ = try await run.client.createMeterEvent(
            MeterEventRequest(
                eventName: "messages_used", customer: "cus_acme", timestamp: (Rig.hour - 50) * 3600,
                identifier: "other", payload: [meter.customerPayloadKey: "cus_acme", meter.valuePayloadKey: "900"]),
            idempotencyKey: "other")
        try await run.rig.owe("acme", hour: Rig.hour - 40, total: 10)
        for _ in 1...2 { _ = try await run.flusher.flush() }
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 20) == 10)
    }

    // MARK: - Usage records

    private static func recordSeed(start: Int64) -> String {
        """
        {"customers":[{"id":"cus_acme"}],
        "products":[{"id":"prod_a","name":"A"}],
        "prices":[{"id":"price_tokens","product":"prod_a","usage_type":"metered","aggregate_usage":"sum"}],
        "subscriptions":[{"id":"sub_acme","customer":"cus_acme","items":[{"id":"si_tokens","price":"price_tokens"}],
        "billing_cycle_anchor":\(start)}]}
        """
    }

    private static let records = Rig.billing(["tokens": StripeMeter(price: "price_tokens")])

    @Test func `usage records are set at their hour, and an edge's hour at the edge`() async throws {
        // The period began at ten past, five hours ago.
        let edge = (Rig.hour - 5) * 3600 + 600
        let run = try await SandboxRun(Self.records, seed: Self.recordSeed(start: edge))
        let subscription = try await run.client.subscription("sub_acme", isForUsageRecords: true)
        let start = try #require(subscription.periodStart)
        let end = try #require(subscription.periodEnd)
        #expect(start == edge)
        try await run.rig.put("acme", period: (start, end), subscription: "sub_acme")
        for (hour, total) in [(Rig.hour - 5, 4), (Rig.hour - 3, 6)] as [(Int64, Int64)] {
            try await run.rig.owe("acme", "tokens", hour: hour, total: total)
        }
        #expect(try await run.flusher.flush().acknowledged == 2)
        try await run.rig.owe("acme", "tokens", hour: Rig.hour - 3, total: 5)
        #expect(try await run.flusher.flush().acknowledged == 1)
        let summary = try #require(try await run.client.usageRecordSummaries(item: "si_tokens").first)
        #expect(summary.totalUsage == 9)
    }

    @Test func `a subscription without the meter's price keeps its tenant waiting`() async throws {
        let run = try await SandboxRun(
            Rig.billing(["tokens": StripeMeter(price: "price_other")]),
            seed: Self.recordSeed(start: Rig.hour * 3600))
        try await run.rig.put("acme", subscription: "sub_acme")
        try await run.rig.put("gone", subscription: "sub_gone")
        try await run.rig.owe("acme", "tokens", total: 4)
        try await run.rig.owe("gone", "tokens", total: 4)
        let report = try await run.flusher.flush()
        #expect(report.stopped == nil && report.sent == 0)
        #expect(report.waiting.map(\.state) == ["no_item"] && report.waiting.first?.count == 2)
    }

    @Test(arguments: [false, true])
    func `what a period's usage records lack once it is over goes out with the next period`(isReopened: Bool)
        async throws
    {
        let edge = (Rig.hour - 700) * 3600
        let run = try await SandboxRun(Self.records, seed: Self.recordSeed(start: edge))
        let subscription = try await run.client.subscription("sub_acme", isForUsageRecords: true)
        let start = try #require(subscription.periodStart)
        let end = try #require(subscription.periodEnd)
        try await run.rig.put("acme", period: (start, end), subscription: "sub_acme")
        try await run.rig.owe("acme", "tokens", hour: Rig.hour - 3, total: 6)
        _ = try await run.flusher.flush()
        if isReopened {
            // A comparison takes the acknowledgement back, and nothing is sent again before the books close.
            let key = StoredHour.Key(tenant: "acme", meter: "tokens", hour: Rig.hour - 3)
            #expect(try await run.rig.store.reopen(key, form: .total, lag: 0))
        }
        // The period turns, and a sidecar tells of more.
        try await run.advance(hours: end / 3600 - Rig.hour + 2)
        try await run.rig.owe("acme", "tokens", hour: Rig.hour - 3, total: 8)
        for _ in 1...3 { _ = try await run.flusher.flush() }
        let totals = try await run.client.usageRecordSummaries(item: "si_tokens").map(\.totalUsage)
        #expect(totals == [2, 6])
        #expect(try await run.rig.owed("acme").isEmpty)
    }

    @Test func `a subscription is read once a day, and again where Stripe refuses what is sent to it`() async throws {
        let start = (Rig.hour - 700) * 3600
        let run = try await SandboxRun(Self.records, seed: Self.recordSeed(start: start))
        let subscription = try await run.client.subscription("sub_acme", isForUsageRecords: true)
        let end = try #require(subscription.periodEnd)
        try await run.rig.put("acme", period: (start, end), subscription: "sub_acme")
        let reads = { try await run.requests("GET /v1/subscriptions/{id}") }
        let before = try #require(try await reads())
        _ = try await run.flusher.flush()
        for hour: Int64 in 0...4 {
            try await run.advance(hours: 1)
            try await run.rig.owe("acme", "tokens", hour: Rig.hour + hour, total: 3)
            #expect(try await run.flusher.send(isAsked: false).acknowledged == 1)
        }
        #expect(try await reads() == before + 1)
        // A new period begins within the hour, without a word.
        run.rig.time.advance(seconds: 600)
        try await run.advance(hours: 0)
        try await run.restart("sub_acme")
        try await run.advance(hours: 1)
        try await run.rig.owe("acme", "tokens", hour: Rig.hour + 4, total: 4)
        try await run.rig.owe("acme", "tokens", hour: Rig.hour + 5, total: 7)
        let refused = try await run.flusher.send(isAsked: false)
        #expect(refused.acknowledged == 0 && refused.failed == 1)
        let report = try await run.flusher.send(isAsked: false)
        #expect(report.acknowledged == 1 && report.failed == 0)
        #expect(report.waiting.map(\.state) == ["period_unknown"], "the record does not know that its period is over")
        #expect(try await run.rig.store.deadCounts().reduce(0, +) == 0)
        #expect(try await reads() == before + 2)
        #expect(try await run.client.usageRecordSummaries(item: "si_tokens").first?.totalUsage == 7)
    }

    // MARK: - Many at once

    @Test(arguments: [("messages", "messages_used"), ("tokens", "tokens_used")])
    func `many hours go through the stream, in few requests`(meter: String, event: String) async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed) { $0.streamAbove = 100 }
        try await run.rig.put("acme")
        for age in 1...150 { try await run.rig.owe("acme", meter, hour: Rig.hour - Int64(age), total: Int64(age)) }
        let report = try await run.flusher.flush()
        #expect(report.acknowledged == 150 && report.units == 150 * 151 / 2)
        for age: Int64 in [1, 77, 150] {
            #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - age) == Double(age))
        }
        #expect(try await run.requests("POST /v2/billing/meter_event_stream") == 2)
        #expect(try await run.rig.owed("acme").isEmpty)
    }

    @Test func `the second route takes single events as well, and each once`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed) { $0.meterEventsRoute = .v2 }
        try await run.rig.put("acme")
        for total: Int64 in [5, 9, 7] {
            for meter in ["messages", "tokens"] { try await run.rig.owe("acme", meter, total: total) }
            _ = try await run.flusher.flush()
        }
        for event in ["messages_used", "tokens_used"] {
            #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 1) == 7)
        }
        #expect(try await run.requests("POST /v2/billing/meter_events") == 6)
    }
}
