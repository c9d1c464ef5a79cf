import Metering
import RedisLink
import StripeAPI
import Testing

@testable import Control

@Suite struct DeadTests {
    private func bury(_ rig: Rig, _ tenant: String, hour: Int64 = Rig.hour - 1, total: Int64 = 5) async throws {
        try await rig.owe(tenant, hour: hour, total: total)
        let key = StoredHour.Key(tenant: tenant, meter: "messages", hour: hour)
        let letter = DeadLetter(
            code: "resource_missing", message: "No such customer", request: "req_1", at: 1_800_000_000, total: total)
        #expect(try await rig.store.bury(key, letter, form: .total, lag: 0))
    }

    private func names(_ rows: [JSONValue]) -> [String] {
        rows.map { "\($0.text("tenant") ?? "") \($0.text("hour") ?? "")" }
    }

    @Test func `dead hours are listed with Stripe's words, oldest first, page by page and by filter`() async throws {
        let api = try await Rig.api(ScriptedAccount())
        for number in 1...7 { try await bury(api.rig, "t\(number)", hour: Rig.hour - Int64(number)) }
        try await bury(api.rig, "t1", hour: Rig.hour - 20, total: 9)
        var seen: [JSONValue] = []
        var after = ""
        repeat {
            let page = try await api.answer("/v1/billing/outbox/dead?limit=3\(after)", "", method: "GET")
            #expect(page.json.number("count") == 8)
            seen += page.list("dead")
            after = page.text("next").map { "&after=\($0)" } ?? ""
        } while !after.isEmpty && seen.count < 20
        #expect(seen.count == 8)
        let hours = seen.map { $0.text("hour") ?? "" }
        #expect(hours == hours.sorted())
        #expect(seen[0].text("tenant") == "t1" && seen[0].number("total") == 9)
        #expect(seen[0].text("code") == "resource_missing" && seen[0].text("message") == "No such customer")
        #expect(seen[0].text("request") == "req_1" && seen[0].text("since") == "2027-01-15T08:00:00Z")
        let own = try await api.answer("/v1/billing/outbox/dead?tenant=t1", "", method: "GET")
        #expect(own.list("dead").count == 2)
        let hour = InstantText.text(hour: Rig.hour - 3)
        let one = try await api.answer("/v1/billing/outbox/dead?hour=\(hour)", "", method: "GET")
        #expect(names(one.list("dead")) == ["t3 \(hour)"])
        #expect(try await api.rig.owed("t1").isEmpty)
    }

    @Test func `retrying makes hours owed again and tells the audit`() async throws {
        let api = try await Rig.api(ScriptedAccount())
        try await bury(api.rig, "acme")
        try await bury(api.rig, "other")
        let answer = try await api.answer(
            "/v1/billing/outbox/retry", #"{"tenant":"acme","reason":"customer restored"}"#)
        #expect(answer.list("retried").count == 1)
        #expect(try await api.rig.owed("acme").map(\.total) == [5])
        #expect(try await api.rig.owed("other").isEmpty)
        let audit = try await api.answer("/v1/tenants/acme/audit", "", method: "GET").list("entries")
        #expect(audit.map { $0.text("action") } == ["outbox.retry"])
        #expect(audit.first?.text("reason") == "customer restored" && audit.first?.text("actor") == "uid:7")
        let again = try await api.answer(
            "/v1/billing/outbox/retry", #"{"tenant":"acme","reason":"customer restored"}"#)
        #expect(again.status == 200 && again.list("retried").isEmpty)
    }

    @Test func `dropping writes hours off, and only a new total is owed`() async throws {
        let api = try await Rig.api(ScriptedAccount())
        try await bury(api.rig, "acme")
        let answer = try await api.answer("/v1/billing/outbox/drop", #"{"all":true,"reason":"test data"}"#)
        #expect(answer.list("dropped").count == 1)
        #expect(try await api.rig.owed("acme").isEmpty)
        #expect(try await api.rig.store.deadCounts().reduce(0, +) == 0)
        let audit = try await api.answer("/v1/tenants/acme/audit", "", method: "GET").list("entries")
        #expect(audit.map { $0.text("action") } == ["outbox.drop"])
    }

    /// A dead hour of 9 units of which Stripe has 4 by its summaries.
    private func buryHalf(_ sandbox: SandboxRig) async throws -> Int64 {
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.sendForeignEvent(hour: hour, value: 4)
        try await bury(sandbox.rig, "acme", hour: hour, total: 9)
        return hour
    }

    private func drop(_ sandbox: SandboxRig, stripe: StripeClient?) async throws -> DirectAnswer {
        var context = sandbox.context
        context.stripe = stripe
        let api = ControlAPI(context: context, configuration: sandbox.configuration, flusher: sandbox.flusher)
        return try await DirectAPI(rig: sandbox.rig, routes: api.routes).answer(
            "/v1/billing/outbox/drop", #"{"all":true,"reason":"settled by hand"}"#)
    }

    @Test func `only what Stripe does not have is written off, and what came since is owed again`() async throws {
        let sandbox = try await SandboxRig()
        let hour = try await buryHalf(sandbox)
        // Used since it died.
        let day = sandbox.rig.store.keys.day("acme", "messages", day: hour / 24)
        _ = try await sandbox.rig.store.client.command(["HSET", day, "\(KeySpace.hourOfDay(hour)):h2", "3"])
        let answer = try await drop(sandbox, stripe: sandbox.stripe)
        #expect(answer.list("dropped").map { $0.number("dropped") } == [5])
        let owed = try await sandbox.rig.owed("acme")
        #expect(owed.map(\.total) == [7] && owed.map(\.acknowledged) == [4] && owed.map(\.dropped) == [5])
        let entry = try await sandbox.rig.store.audit((0..<16).map { ($0, nil) }, through: .max, limit: 10)
            .flatMap { $0 }.first { $0.note.action == "outbox.drop" }
        #expect(entry?.note.after.contains("\"dropped\":5") == true)
        #expect(entry?.note.after.contains("\"stripe\":4") == true)
    }

    @Test func `where Stripe cannot be read nothing is written off, unless the customer is gone`() async throws {
        let sandbox = try await SandboxRig()
        let hour = try await buryHalf(sandbox)
        #expect(try await drop(sandbox, stripe: nil).status == 503)
        #expect(try await sandbox.rig.store.deadCounts().reduce(0, +) == 1)
        let other = ScriptedStripe()
        other.setMeterAnswer(ScriptedStripe.refused(401, "no such key"))
        let client = StripeClient(
            configuration: StripeConfiguration(
                apiBase: "http://stripe.test", secretKey: try #require(StripeSecretKey("sk_test_rig")),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")), transport: other)
        let refused = try await drop(sandbox, stripe: client)
        #expect(refused.status == 503 && refused.text("detail")?.contains("nothing was dropped") == true)
        #expect(try await sandbox.rig.store.deadCounts().reduce(0, +) == 1)
        try await sandbox.rig.put("acme", customer: "cus_gone")
        let answer = try await drop(sandbox, stripe: sandbox.stripe)
        #expect(answer.list("dropped").map { $0.number("dropped") } == [9])
        #expect(try await sandbox.rig.store.deadCounts().reduce(0, +) == 0)
        #expect(try await sandbox.rig.owed("acme").map(\.key.hour).filter { $0 == hour }.isEmpty)
    }

    @Test func `many dead hours are settled some at a time`() async throws {
        let api = try await Rig.api(ScriptedAccount())
        for hour in 1...510 { try await bury(api.rig, "acme", hour: Rig.hour - Int64(hour), total: 1) }
        let first = try await api.answer("/v1/billing/outbox/retry", #"{"all":true,"reason":"x"}"#)
        #expect(first.list("retried").count == 500)
        let next = try #require(first.text("next"))
        let last = try await api.answer(
            "/v1/billing/outbox/retry", #"{"all":true,"reason":"x","after":"\#(next)"}"#)
        #expect(last.list("retried").count == 10 && last.text("next") == nil)
        #expect(try await api.rig.owed("acme").count == 510)
    }

    @Test func `which hours are meant, and why, has to be said`() async throws {
        let api = try await Rig.api(ScriptedAccount())
        for body in [
            "", #"{"reason":"x"}"#, #"{"all":true}"#, #"{"tenant":"acme"}"#, #"{"all":true,"tenant":"a","reason":"x"}"#,
            #"{"tenant":"no spaces","reason":"x"}"#, #"{"hour":"2026-01-31T10:17:00Z","reason":"x"}"#,
            #"{"meter":"NO","reason":"x"}"#, #"{"all":true,"reason":""}"#, #"{"all":true,"reason":"x","after":"y"}"#,
        ] {
            #expect(try await api.answer("/v1/billing/outbox/retry", body).status == 400, "\(body)")
            #expect(try await api.answer("/v1/billing/outbox/drop", body).status == 400, "\(body)")
        }
    }

    @Test func `a tenant with dead hours is kept unless forced`() async throws {
        let api = try await Rig.api(ScriptedAccount())
        try await api.rig.put("acme")
        try await bury(api.rig, "acme")
        try await bury(api.rig, "acme-2")
        let kept = try await api.answer("/v1/tenants/acme", "", method: "DELETE")
        #expect(kept.status == 409 && kept.text("code") == "owed_hours")
        let gone = try await api.answer("/v1/tenants/acme?force=true", "", method: "DELETE")
        #expect(gone.status == 200 && gone.json.number("dropped_hours") == 1)
        #expect(try await api.rig.store.deadCounts().reduce(0, +) == 1)
    }
}
