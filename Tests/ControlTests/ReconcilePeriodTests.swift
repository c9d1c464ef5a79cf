import Billing
import Metering
import RedisLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// Meters with usage records, of which Stripe tells whole periods.
@Suite struct ReconcilePeriodTests {
    /// The edge between the period that is over and the one that runs, in hours.
    private static let edge = Rig.hour - 10
    private static let catalogue = Catalogue(
        meters: [
            Meter(name: "messages", kind: .counter, cycle: .period, stripe: StripeMeter(price: "price_m"))
        ],
        plans: [Plan(slug: "starter", name: "Starter", limits: ["messages": Limit(value: 1000)])])

    private let rig: Rig
    private let stripe = ScriptedReads()
    private let context: ControlContext

    init() async throws {
        rig = try await Rig(catalogue: Self.catalogue)
        var context = rig.context
        context.stripe = try stripe.client()
        self.context = context
        var tenant = Tenant(id: "acme", plan: "starter", createdAt: 1_700_000_000)
        tenant.customer = "cus_acme"
        tenant.subscription = "sub_1"
        _ = try await rig.store.putTenant("acme", fields: tenant.fields, replacing: "*", noting: .test)
        stripe["/v1/subscriptions/sub_1"] = """
            {"id":"sub_1","object":"subscription","customer":"cus_acme","status":"active","metadata":{},
            "billing_cycle_anchor":1,"cancel_at_period_end":false,"items":{"object":"list","has_more":false,"data":[
            {"id":"si_1","object":"subscription_item","current_period_start":\(Self.edge * 3600),
            "current_period_end":\((Self.edge + 720) * 3600),"price":{"id":"price_m","object":"price",
            "recurring":{"interval":"month","usage_type":"metered"}}}]}}
            """
    }

    /// What Stripe has of the period that is over and of the one that runs.
    private func record(over: Int64, running: Int64) {
        stripe["/v1/subscription_items/si_1/usage_record_summaries"] = """
            {"object":"list","has_more":false,"data":[
            {"id":"sis_2","object":"usage_record_summary","invoice":null,"subscription_item":"si_1",
            "period":{"start":\(Self.edge * 3600 + 600),"end":null},"total_usage":\(running)},
            {"id":"sis_1","object":"usage_record_summary","invoice":"in_1","subscription_item":"si_1",
            "period":{"start":\((Self.edge - 720) * 3600),"end":\(Self.edge * 3600 + 600)},"total_usage":\(over)}]}
            """
    }

    /// An hour that Stripe has acknowledged so far.
    private func use(hour: Int64, total: Int64, acknowledged: Int64, to place: String? = nil) async throws {
        try await rig.owe("acme", hour: hour, total: total)
        let day = rig.store.keys.day("acme", "messages", day: hour / 24)
        _ = try await rig.store.client.command(
            ["HSET", day, "\(KeySpace.hourOfDay(hour))=acked", String(acknowledged)])
        if let place {
            _ = try await rig.store.client.command(["HSET", day, "\(KeySpace.hourOfDay(hour))=to", place])
        }
        guard acknowledged == total else { return }
        let member = KeySpace.owedMember(hour: hour, meter: "messages", tenant: "acme")
        _ = try await rig.store.client.command(
            ["ZREM", rig.store.keys.owed(rig.store.keys.partition(of: "acme")), member])
    }

    private func reconcile(_ change: (inout ReconcileQuestion) -> Void = { _ in }) async throws -> ReconcilePage {
        var question = ReconcileQuestion(now: context.now() / 1000)
        change(&question)
        return try await Reconciler(
            context: context, configuration: rig.configuration, flusher: rig.flusher(context)
        ).page(question, actor: "uid:0")
    }

    @Test func `periods that Stripe has as their hours are no differences`() async throws {
        try await use(hour: Self.edge - 1, total: 7, acknowledged: 7)
        // The hour that holds the edge belongs to the new period.
        try await use(hour: Self.edge, total: 4, acknowledged: 4)
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        record(over: 7, running: 9)
        let page = try await reconcile()
        #expect(page.counts.isEmpty && page.failed == 0)
        #expect(page.hours == 3 && page.compared == 3)
    }

    @Test func `the hour of an edge counts in the period in which its record is stamped`() async throws {
        try await use(hour: Self.edge - 1, total: 7, acknowledged: 7, to: "si_1")
        // The edge was not foreseen when the hour was sent.
        try await use(hour: Self.edge, total: 4, acknowledged: 4, to: "si_1")
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5, to: "si_1")
        record(over: 11, running: 5)
        #expect(try await reconcile { $0.fixes = true }.counts.isEmpty)
        try await use(hour: Self.edge, total: 4, acknowledged: 4, to: "si_1@\(Self.edge * 3600 + 600)")
        record(over: 7, running: 9)
        #expect(try await reconcile { $0.fixes = true }.counts.isEmpty)
    }

    @Test func `an owed hour explains itself, and only the rest is the period's`() async throws {
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        try await use(hour: Self.edge + 2, total: 8, acknowledged: 2)
        record(over: 0, running: 7)
        var page = try await reconcile()
        #expect(page.counts == ["owed": 1] && !page.hasFault)
        record(over: 0, running: 6)
        page = try await reconcile()
        #expect(page.counts == ["owed": 1, "unknown": 1])
        let row = try #require(page.differences.first { $0.explanation == .unknown })
        #expect(row.hour == InstantText.text(hour: Self.edge) && row.periodEnd != nil)
        #expect(row.total == 13 && row.acknowledged == 7 && row.stripe == 6 && row.difference == 7)
    }

    @Test func `with fix the hours of the running period are owed again, those of one that is over are not`()
        async throws
    {
        try await use(hour: Self.edge - 1, total: 7, acknowledged: 7)
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        try await use(hour: Self.edge + 2, total: 6, acknowledged: 6)
        record(over: 6, running: 5)
        let page = try await reconcile { $0.fixes = true }
        #expect(page.counts == ["unknown": 2] && page.fixed == 1)
        #expect(try await rig.owed("acme").map(\.key.hour) == [Self.edge + 1, Self.edge + 2])
        // Each hour has an entry that names it and the period.
        let entries = try await rig.store.audit((0..<16).map { ($0, nil) }, through: .max, limit: 10)
            .flatMap { $0 }.filter { $0.note.action == "billing.reconcile" }
        for hour in [Self.edge + 1, Self.edge + 2] {
            #expect(entries.count { $0.note.before.contains("\"hour\":\"\(InstantText.text(hour: hour))\"") } == 1)
        }
        #expect(
            entries.allSatisfy { $0.note.before.contains("\"period\":\"\(InstantText.text(hour: Self.edge))\"") })
        let over = try #require(page.differences.first { !$0.fixed })
        #expect(over.detail.hasSuffix("its period is over, and Stripe takes nothing more of it"))
    }

    @Test func `hours of no period that Stripe tells are compared with what it acknowledged`() async throws {
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        try await use(hour: Self.edge + 2, total: 6, acknowledged: 4)
        stripe["/v1/subscription_items/si_1/usage_record_summaries"] = """
            {"object":"list","has_more":false,"data":[]}
            """
        let page = try await reconcile()
        #expect(page.hours == 2 && page.compared == 0 && page.counts == ["owed": 1])
    }

    @Test func `a period that differs is set again by itself once, and by fix as often as it is asked for`()
        async throws
    {
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        record(over: 0, running: 3)
        let checker = HourChecker(
            context: context, configuration: rig.configuration, flusher: rig.flusher(context))
        let member = KeySpace.owedMember(hour: Self.edge + 1, meter: "messages", tenant: "acme")
        let keys = rig.store.keys
        let partition = keys.partition(of: "acme")
        func check() async throws {
            _ = try await rig.store.client.command(["ZADD", keys[partition].checks, "1", member])
            try await checker.round()
        }
        try await check()
        #expect(try await rig.owed("acme").map(\.key.hour) == [Self.edge + 1])
        #expect(await checker.status.mismatched == 1)
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        try await check()
        #expect(try await rig.owed("acme").isEmpty)
        #expect(try await rig.store.checkCount() == 0)
        #expect(try await reconcile { $0.fixes = true }.fixed == 1)
    }

    @Test func `a subscription without the price is a failure that says so`() async throws {
        try await use(hour: Self.edge + 1, total: 5, acknowledged: 5)
        stripe["/v1/subscriptions/sub_1"] = stripe["/v1/subscriptions/sub_1"]?.replacing("price_m", with: "price_x")
        let page = try await reconcile()
        #expect(page.failures.map(\.detail) == ["the subscription sub_1 has no item with the price price_m"])
    }
}
