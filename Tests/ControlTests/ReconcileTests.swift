import Billing
import Metering
import RedisLink
import TestSupport
import Testing

@testable import Control

/// The comparison with Stripe, against a real Redis and the real sandbox.
@Suite struct ReconcileTests {
    private static let afterChecks: Int64 = 7 * 3600

    @Test func `hours that Stripe has as they were counted are no differences`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour
        for tenant in ["acme", "globex"] {
            try await sandbox.rig.put(tenant)
            for age in 1...3 { try await sandbox.rig.owe(tenant, hour: hour - Int64(age), total: Int64(10 * age)) }
        }
        #expect(try await sandbox.flusher.flush().acknowledged == 6)
        let page = try await sandbox.reconcile()
        #expect(page.counts.isEmpty && page.differences.isEmpty && !page.hasFault && page.next == nil)
        // One read of the meters, and one of each tenant's hours.
        #expect((page.tenants, page.of, page.hours, page.compared, page.reads) == (2, 2, 6, 6, 3))
    }

    @Test func `each difference says why`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour
        try await sandbox.rig.put("acme")
        try await sandbox.rig.put("poor", customer: nil)
        try await sandbox.rig.owe("acme", hour: hour - 4, total: 4)
        _ = try await sandbox.flusher.flush()
        try await sandbox.sendForeignEvent(hour: hour - 4, value: 3)
        try await sandbox.rig.owe("acme", hour: hour - 3, total: 3)
        try await sandbox.rig.owe("acme", hour: hour - 2, total: 2)
        try await sandbox.rig.mark(StoredHour.Key(tenant: "acme", meter: "messages", hour: hour - 2))
        try await sandbox.rig.owe("poor", hour: hour - 1, total: 1)
        let page = try await sandbox.reconcile()
        #expect(page.counts == ["summary_lag": 1, "owed": 1, "in_flight": 1, "no_customer": 1])
        let lag = try #require(page.differences.first)
        #expect(lag.explanation == .summaryLag && lag.total == 4 && lag.stripe == 3 && lag.difference == 1)
        #expect(page.differences.first { $0.explanation == .noCustomer }?.stripe == nil)
        #expect(page.hasFault)
        #expect(try await !sandbox.reconcile { $0.tenant = "acme" }.hasFault)
    }

    @Test func `what nothing explains changes only with fix, which makes it owed again and is audited`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 40)
        _ = try await sandbox.flusher.flush()
        try await sandbox.sendForeignEvent(hour: hour, value: 7)
        sandbox.ahead.advance(seconds: Self.afterChecks)
        var page = try await sandbox.reconcile()
        #expect(page.differences.map(\.explanation) == [.unknown] && page.fixed == 0 && page.hasFault)
        #expect(page.differences.first?.detail == "Stripe has 33 less than it acknowledged")
        #expect(try await sandbox.rig.owed("acme").isEmpty)
        page = try await sandbox.reconcile { $0.fixes = true }
        #expect(page.fixed == 1 && page.differences.first?.fixed == true)
        #expect(try await sandbox.rig.owed("acme").map(\.key.hour) == [hour])
        #expect(try await sandbox.flusher.flush().acknowledged == 1)
        #expect(try await sandbox.recorded(hour: hour) == 40)
        #expect(try await sandbox.reconcile().counts.isEmpty)
        let entries = try await sandbox.rig.store.audit(
            (0..<16).map { ($0, nil) }, through: .max, limit: 10
        ).flatMap { $0 }.filter { $0.note.action == "billing.reconcile" }
        #expect(entries.map(\.note.actor) == ["uid:0"] && entries.map(\.tenant) == ["acme"])
        #expect(entries.first?.note.before.contains("\"stripe\":7") == true)
    }

    @Test(arguments: [Int64(5), -5])
    func `a meter that adds is compared before it gets what it lacks, or loses what it has too much`(
        foreign: Int64
    ) async throws {
        let sandbox = try await SandboxRig(.sum, summaryLag: .zero)
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 40)
        _ = try await sandbox.flusher.flush()
        try await sandbox.sendForeignEvent(hour: hour, value: foreign)
        sandbox.ahead.advance(seconds: Self.afterChecks)
        let page = try await sandbox.reconcile { $0.fixes = true }
        #expect(page.differences.map(\.explanation) == [.unknown] && page.differences.map(\.difference) == [-foreign])
        #expect(page.fixed == 1)
        // One round compares, and the next sends the rest.
        for _ in 0..<3 { _ = try await sandbox.flusher.flush() }
        #expect(try await sandbox.recorded(hour: hour) == 40)
        #expect(try await sandbox.reconcile().counts.isEmpty)
    }

    @Test func `what only Stripe has is a difference, also of an hour of which nothing is known here`() async throws {
        let sandbox = try await SandboxRig()
        try await sandbox.rig.put("acme")
        try await sandbox.sendForeignEvent(hour: sandbox.hour - 5, value: 9)
        let page = try await sandbox.reconcile { $0.tenant = "acme" }
        #expect(page.differences.map(\.explanation) == [.unknown])
        #expect(page.differences.map(\.difference) == [-9])
        // Nothing of it can be owed again.
        let fixing = try await sandbox.reconcile { question in
            question.tenant = "acme"
            question.fixes = true
        }
        #expect(fixing.fixed == 0 && fixing.differences.first?.fixed == false)
        #expect(try await sandbox.rig.owed("acme").isEmpty)
        // Of all tenants, only meters with usage are asked for: reads are counted.
        #expect(try await sandbox.reconcile().reads == 0)
    }

    @Test func `a dead hour and one that is lost are told, without a read where Stripe is not to be asked`()
        async throws
    {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 4)
        let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: hour)
        let letter = DeadLetter(code: "no_meter", message: "no such meter", at: 0, total: 4)
        #expect(try await sandbox.rig.store.bury(key, letter, form: .total, lag: 0))
        let keys = sandbox.rig.store.keys
        // Counted beyond what was acknowledged, and in no list: that nobody would ever see.
        try await sandbox.rig.owe("acme", hour: hour - 1, total: 6)
        let day = keys.day("acme", "messages", day: (hour - 1) / 24)
        _ = try await sandbox.rig.store.client.command(["HSET", day, "\(KeySpace.hourOfDay(hour - 1))=acked", "2"])
        _ = try await sandbox.rig.store.client.command(["DEL", keys.owed(keys.partition(of: "acme"))])
        let reconciler = Reconciler(
            context: sandbox.context, configuration: sandbox.configuration, flusher: sandbox.flusher)
        let page = try await reconciler.walk(ReconcileQuestion(now: sandbox.context.now() / 1000)) { _ in
            Reconciler.Scope(hours: hour - 10..<hour + 1, asksStripe: false)
        }
        #expect(page.differences.map(\.explanation) == [.unknown, .dead])
        #expect(page.differences.map(\.detail) == ["neither acknowledged nor owed", "no such meter"])
        #expect(page.reads == 0 && page.compared == 0)
    }

    @Test func `what was counted while it was not billed stays so, also with fix`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 4)
        try await sandbox.rig.owe("acme", hour: hour - 1, total: 5)
        let keys = sandbox.rig.store.keys
        _ = try await sandbox.rig.store.client.command(["DEL", keys.owed(keys.partition(of: "acme"))])
        try await sandbox.sendForeignEvent(hour: hour - 1, value: 3)
        let page = try await sandbox.reconcile { $0.fixes = true }
        #expect(page.counts == ["not_billed": 1, "unknown": 1] && page.fixed == 0)
        #expect(page.differences.first?.detail.hasSuffix("nothing of it was ever owed here, so it stays") == true)
        #expect(try await sandbox.rig.owed("acme").isEmpty)
    }

    @Test func `a range that may have reached Stripe is under way, and fix leaves it to the flusher`() async throws {
        let sandbox = try await SandboxRig(.sum, summaryLag: .zero)
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 9)
        try await sandbox.sendForeignEvent(hour: hour, value: 9)
        try await sandbox.rig.owe("acme", hour: hour, total: 12)
        let day = sandbox.rig.store.keys.day("acme", "messages", day: hour / 24)
        let prefix = KeySpace.hourOfDay(hour)
        _ = try await sandbox.rig.store.client.command(
            ["HSET", day, "\(prefix)=range", "\(String(repeating: "a", count: 32)) 0 9 1 1", "\(prefix)=send", "x 0"])
        let page = try await sandbox.reconcile { $0.fixes = true }
        #expect(page.counts == ["in_flight": 1] && page.fixed == 0)
        let range = try await sandbox.rig.store.client.command(["HEXISTS", day, "\(prefix)=range"])
        #expect(range == .integer(1))
    }

    @Test func `a run ends before it makes more reads than it may, and goes on from there`() async throws {
        let sandbox = try await SandboxRig()
        for tenant in ["acme", "globex"] {
            try await sandbox.rig.put(tenant)
            try await sandbox.rig.owe(tenant, hour: sandbox.hour - 1, total: 5)
        }
        _ = try await sandbox.flusher.flush()
        let first = try await sandbox.reconcile { $0.reads = 2 }
        #expect(first.tenants == 1 && first.reads == 2 && first.stopped != nil && first.hasFault)
        let next = try #require(first.next)
        let second = try await sandbox.reconcile { $0.after = ReconcileCursor(next) }
        #expect(second.tenants == 1 && second.next == nil && second.stopped == nil)
        let none = try await sandbox.reconcile { $0.reads = 1 }
        #expect(none.tenants == 0 && none.reads == 0 && none.stopped != nil && none.next == nil)
    }

    @Test func `tenants without a record are compared after those with one`() async throws {
        let sandbox = try await SandboxRig()
        try await sandbox.rig.put("acme")
        let keys = sandbox.rig.store.keys
        for number in 1...120 {
            let id = "stranger-\(number)"
            _ = try await sandbox.rig.store.client.command(
                ["ZADD", keys.strangers(keys.partition(of: id)), String(number), id])
            try await sandbox.rig.owe(id, hour: sandbox.hour - 1, total: 1)
        }
        var sum = ReconcilePage()
        var cursor: ReconcileCursor?
        repeat {
            let page = try await sandbox.reconcile { $0.after = cursor }
            sum.add(page)
            cursor = page.next.flatMap { ReconcileCursor($0) }
        } while cursor != nil
        #expect(sum.tenants == 121 && sum.of == 121)
        #expect(sum.counts == ["no_customer": 120])
    }

    @Test func `a meter that Stripe does not have is a failure and holds up nobody`() async throws {
        let rig = try await Rig()
        rig.stripe.setMeters([])
        try await rig.put("acme")
        try await rig.owe("acme", total: 4)
        let page = try await Reconciler(
            context: rig.context, configuration: rig.configuration, flusher: rig.flusher()
        ).page(ReconcileQuestion(now: rig.context.now() / 1000), actor: "uid:0")
        #expect(page.failed == 1 && page.hasFault && page.next == nil)
        #expect(page.failures.first?.detail == "Stripe has no meter for the event name messages_used")
    }

    @Test func `the route checks what it is asked, and says when Stripe cannot be read`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.owe("acme", total: 4)
        rig.stripe.setMeterAnswer(ScriptedStripe.refused(401, "no such key"))
        try await rig.serve { api in
            for body in [
                "{\"from\":\"2026-01-02\",\"to\":\"2026-01-01\"}", "{\"tenant\":\"a b\"}", "{\"reads\":0}",
                "{\"from\":\"2001-01-01\"}", "{\"after\":\"x\"}", "{\"fix\":\"yes\"}", "{\"froom\":1}", "[]",
            ] {
                #expect(try await api.call("POST", "/v1/billing/reconcile", body).status == 400, "\(body)")
            }
            let answer = try await api.post("/v1/billing/reconcile")
            #expect(answer.status == 503 && answer["code"] == .string("stripe"))
        }
        let keyless = try await Rig(hasKey: false)
        try await keyless.serve { api in
            let answer = try await api.post("/v1/billing/reconcile")
            #expect(answer.status == 409)
            let last = try await api.get("/v1/billing/reconcile")
            #expect(last.status == 404)
        }
    }
}
