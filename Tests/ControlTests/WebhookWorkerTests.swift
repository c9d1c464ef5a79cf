import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct WebhookWorkerTests {
    private static let periodEnd: Int64 = 1_799_998_800

    private func invoiceEvent(
        _ id: String, _ type: String = "invoice.created", invoice: String = "in_1", customer: String = "cus_acme",
        cause: String = "subscription_cycle"
    ) -> StoredEvent {
        StoredEvent(id: id, type: type, object: invoice, customer: customer, cause: cause)
    }

    /// Waits until nothing waits to be applied.
    private func drained(_ hooks: WebhookRig) async throws {
        try await eventually("every event is applied") { try await hooks.pending().isEmpty }
    }

    @Test func `a draft says until when its period's usage counts, and then that it counts no more`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.setInvoice("in_1", status: "draft", finalizesAt: Self.periodEnd + 3600)
        try await hooks.work { _ in
            try await hooks.put(invoiceEvent("evt_1"))
            try await drained(hooks)
            #expect(try await hooks.draft(of: "acme") == "in_1 \(Self.periodEnd) \(Self.periodEnd + 3600)")
            hooks.objects.setInvoice("in_1", status: "open")
            try await hooks.put(invoiceEvent("evt_2", "invoice.finalized"))
            try await drained(hooks)
            #expect(try await hooks.draft(of: "acme") == "in_1 \(Self.periodEnd) \(hooks.now)")
        }
        #expect(hooks.has("tollgate_webhook_events_total{type=\"invoice.created\",outcome=\"applied\"} 1"))
    }

    @Test func `what a late event says does not matter, what Stripe says now does`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.setInvoice("in_1", status: "paid")
        try await hooks.work { _ in
            for (number, type) in ["finalized", "created", "updated"].enumerated() {
                try await hooks.put(invoiceEvent("evt_\(number)", "invoice.\(type)"))
            }
            try await drained(hooks)
        }
        #expect(try await hooks.draft(of: "acme") == "in_1 \(Self.periodEnd) \(hooks.now)")
    }

    @Test func `a draft that was deleted counts no usage, and an unknown one changes nothing`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        try await hooks.work { _ in
            try await hooks.put(invoiceEvent("evt_0", "invoice.deleted", invoice: "in_0"))
            try await drained(hooks)
            #expect(try await hooks.draft(of: "acme") == nil)
            hooks.objects.setInvoice("in_1", status: "draft", finalizesAt: hooks.now + 3600)
            try await hooks.put(invoiceEvent("evt_1"))
            try await drained(hooks)
            hooks.objects.set("/v1/invoices/in_1", "{\"error\":{\"type\":\"invalid_request_error\"}}", status: 404)
            try await hooks.put(invoiceEvent("evt_2", "invoice.deleted"))
            try await drained(hooks)
        }
        #expect(try await hooks.draft(of: "acme") == "in_1 \(Self.periodEnd) \(hooks.now)")
    }

    @Test func `a draft that waits for a person stays open while Stripe takes usage of its first hour`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.setInvoice("in_1", status: "draft")
        try await hooks.work { _ in
            try await hooks.put(invoiceEvent("evt_1"))
            try await drained(hooks)
            let periodStart: Int64 = 1_797_320_400
            #expect(try await hooks.draft(of: "acme") == "in_1 \(Self.periodEnd) \(periodStart + 34 * 86_400)")
            // Longer than Stripe takes usage: as long as any other draft.
            let end = Self.periodEnd + 10 * 86_400
            hooks.objects.setInvoice("in_2", status: "draft", periodEnd: end)
            try await hooks.put(invoiceEvent("evt_2", invoice: "in_2"))
            try await drained(hooks)
            #expect(try await hooks.draft(of: "acme") == "in_2 \(end) \(end + 3600)")
        }
    }

    @Test func `late news of a draft opens no books again that closed without it`() async throws {
        let hooks = try await WebhookRig()
        let store = hooks.rig.store
        func put(_ tenant: String, at: Int64, now: Int64, end: Int64 = 10_000) async throws -> String? {
            _ = try await store.putDraft(
                tenant, invoice: "in_1", periodEnd: end, finalisesAt: at, isClosed: false, readAt: now,
                books: DraftBooks(now: now, margin: 300, finalisationDelay: 3600))
            return try await hooks.draft(of: tenant)
        }
        #expect(try await put("early", at: 99_000, now: 13_299) == "in_1 10000 99000")
        #expect(try await put("late", at: 99_000, now: 13_300) == "in_1 10000 13600")
        #expect(try await put("late", at: 99_000, now: 13_301) == "in_1 10000 13600", "nor does it the next time")
        #expect(try await put("sooner", at: 12_000, now: 13_300) == "in_1 10000 12000")
        #expect(try await put("early", at: 100_000, now: 98_699) == "in_1 10000 100000", "they are open still")
        #expect(try await put("early", at: 200_000, now: 99_700) == "in_1 10000 100000")
        #expect(try await put("early", at: 200_000, now: 99_701, end: 98_000) == "in_1 98000 200000", "another period")
    }

    @Test func `an answer that is not Stripe's tells of no deleted draft`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.setInvoice("in_1", status: "draft", finalizesAt: hooks.now + 3600)
        try await hooks.work { _ in
            try await hooks.put(invoiceEvent("evt_1"))
            try await drained(hooks)
            let draft = try await hooks.draft(of: "acme")
            hooks.objects.set("/v1/invoices/in_1", "<html>nothing here</html>", status: 404)
            try await hooks.put(invoiceEvent("evt_2"))
            try await eventually("it was tried") { try await hooks.pending().first?.attempts == 1 }
            #expect(try await hooks.draft(of: "acme") == draft)
        }
    }

    @Test func `an event that Stripe does not have holds up nothing`() async throws {
        let hooks = try await WebhookRig()
        let none = "{\"error\":{\"code\":\"not_found\",\"message\":\"No such event.\"}}"
        hooks.objects.set("/v2/core/events/evt_1", none, status: 404)
        try await hooks.work { _ in
            try await hooks.put(StoredEvent(id: "evt_1", type: "v1.billing.meter.no_meter_found", object: "mtr_1"))
            try await drained(hooks)
        }
        #expect(try await hooks.dead().map(\.id) == ["evt_1"])
    }

    @Test func `invoices of others, of other subscriptions and in a period's middle are left alone`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        let record = try #require(try await hooks.rig.store.tenant("acme"))
        _ = try await hooks.rig.store.putTenant(
            "acme", fields: record.fields.merging(["subscription": "sub_acme"]) { $1 }, replacing: "*", noting: .test)
        hooks.objects.setInvoice("in_1", status: "draft", finalizesAt: hooks.now, subscription: "sub_other")
        hooks.objects.setInvoice("in_2", status: "draft", finalizesAt: hooks.now)
        try await hooks.work { _ in
            try await hooks.put(invoiceEvent("evt_1"))
            try await hooks.put(invoiceEvent("evt_2", invoice: "in_2", cause: "subscription_update"))
            try await hooks.put(invoiceEvent("evt_3", invoice: "in_2", customer: "cus_nobody"))
            try await drained(hooks)
            #expect(try await hooks.draft(of: "acme") == nil)
            #expect(!hooks.objects.reads.contains("/v1/invoices/in_2"), "it is not even read")
            try await hooks.put(invoiceEvent("evt_4", invoice: "in_2"))
            try await drained(hooks)
        }
        #expect(try await hooks.draft(of: "acme") == "in_2 \(Self.periodEnd) \(hooks.now)")
    }

    @Test func `an earlier period's invoice, or an older reading, takes no newer one's place`() async throws {
        let hooks = try await WebhookRig()
        let store = hooks.rig.store
        func put(_ invoice: String, end: Int64, at: Int64, isClosed: Bool = false, readAt: Int64) async throws -> Bool {
            try await store.putDraft(
                "acme", invoice: invoice, periodEnd: end, finalisesAt: at, isClosed: isClosed, readAt: readAt,
                books: DraftBooks(now: 0, margin: 0, finalisationDelay: 3600))
        }
        #expect(try await put("in_2", end: 200, at: 260, readAt: 10))
        #expect(try await !put("in_1", end: 100, at: 160, readAt: 20))
        #expect(try await put("in_2", end: 200, at: 250, isClosed: true, readAt: 30))
        #expect(try await !put("in_2", end: 200, at: 260, readAt: 29))
        #expect(try await put("in_2", end: 200, at: 999, isClosed: true, readAt: 40))
        #expect(try await hooks.draft(of: "acme") == "in_2 200 250")
        #expect(try await put("in_3", end: 300, at: 360, readAt: 35))
        #expect(try await hooks.draft(of: "acme") == "in_3 300 360")
    }

    @Test func `while Stripe is away an event waits with the reason, and holds up its own object alone`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.fail("/v1/invoices/in_1")
        hooks.objects.setInvoice("in_2", status: "draft", finalizesAt: hooks.now + 60)
        for (id, invoice) in [("evt_1", "in_1"), ("evt_2", "in_1"), ("evt_3", "in_2")] {
            try await hooks.put(invoiceEvent(id, invoice: invoice))
        }
        try await hooks.work { _ in
            try await eventually("the others are applied") {
                try await hooks.pending().map(\.id) == ["evt_1", "evt_2"]
            }
            try await eventually("it was tried") { try await hooks.pending().first?.attempts == 1 }
            let waiting = try await hooks.pending()
            #expect(waiting[0].trouble.contains("no connection") && waiting[0].notBefore > hooks.now * 1000)
            #expect(waiting[1].attempts == 0)
            hooks.objects.setInvoice("in_1", status: "open")
            hooks.time.advance(seconds: 5)
            try await drained(hooks)
        }
    }

    @Test func `what can never be applied is given up, kept, and applied when an operator says so`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.work { _ in
            try await hooks.put(StoredEvent(id: "evt_1", type: "v1.billing.meter.no_meter_found", object: "evt_1"))
            try await drained(hooks)
            let dead = try await hooks.dead()
            #expect(dead.map(\.id) == ["evt_1"] && dead[0].attempts == 1 && dead[0].trouble.contains("none"))
            try await eventually("it is said") {
                hooks.rig.logs.lines.contains { $0.hasPrefix("error: a webhook was given up") }
            }
            hooks.objects.set(
                "/v2/core/events/evt_1",
                """
                {"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.no_meter_found",
                "data":{"reason":{"error_count":3,"error_types":[{"code":"no_meter","error_count":3,"sample_errors":[
                {"error_message":"No meter","request":{"identifier":"somebody else's"}}]}]}}}
                """)
            #expect(try await hooks.rig.store.reviveEvent(id: "evt_1") == .revived)
            try await drained(hooks)
        }
        #expect(try await hooks.dead().isEmpty)
        #expect(try await hooks.rig.store.reviveEvent(id: "evt_1") == .unknown)
        #expect(hooks.has("tollgate_webhook_meter_errors_total{outcome=\"unmatched\"} 1"))
        #expect(hooks.has("tollgate_webhook_meter_errors_total{outcome=\"unnamed\"} 2"))
    }

    @Test func `an event is given up after days, and its age is that of its arrival`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.fail("/v1/invoices/in_1")
        try await hooks.put(invoiceEvent("evt_1"))
        let came = try #require(try await hooks.pending().first).receivedAt
        hooks.time.advance(seconds: 5 * 86_400 + 60)
        try await hooks.work { _ in try await drained(hooks) }
        let dead = try await hooks.dead()
        #expect(dead.count == 1 && dead[0].trouble.hasPrefix("given up after 5 days") && dead[0].receivedAt == came)
    }

    @Test func `whoever no longer applies events ends none`() async throws {
        let hooks = try await WebhookRig()
        let store = hooks.rig.store
        try await hooks.put(invoiceEvent("evt_1"))
        let event = try #require(try await hooks.pending().first)
        #expect(try await store.holdEvents(token: "one", holder: "h1", milliseconds: 60_000))
        #expect(try await !store.holdEvents(token: "two", holder: "h2", milliseconds: 60_000))
        #expect(try await store.postponeEvent(event, token: "one", until: 5, reason: "a reason of words"))
        #expect(try await hooks.pending().first?.trouble == "a reason of words")
        #expect(try await !store.removeEvent(event, token: "two"))
        #expect(try await !store.holdEvents(token: "one", holder: "h1", milliseconds: 0))
        #expect(try await store.holdEvents(token: "two", holder: "h2", milliseconds: 60_000))
        #expect(try await !store.buryEvent(event, token: "one", reason: "x"))
        #expect(try await hooks.pending().count == 1)
        #expect(try await hooks.dead().isEmpty)
        #expect(try await store.removeEvent(event, token: "two"))
        #expect(try await hooks.pending().isEmpty)
    }

    @Test func `whoever lets go leaves no wait to the next`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.work { worker in
            try await eventually("it applies") { await worker.isHolder }
            #expect(try await !hooks.rig.store.holdEvents(token: "next", holder: "h", milliseconds: 1000))
        }
        #expect(try await hooks.rig.store.holdEvents(token: "next", holder: "h", milliseconds: 1000))
    }

    @Test func `a hold from before the clock stepped back is cut to the longest there is`() async throws {
        let hooks = try await WebhookRig()
        let store = hooks.rig.store
        func hold(_ token: String) async throws -> Bool {
            try await store.holdEvents(token: token, holder: "h", milliseconds: 50)
        }
        let ahead = String((ControlContext.systemTime() + 86_400_000) * 1000)
        _ = try await hooks.rig.redis.cli("HSET", "tg:{webhooks}:worker", "token", "one", "by", "h", "until", ahead)
        #expect(try await !hold("two"))
        try await eventually("another takes over") { try await hold("two") }
    }

    @Test func `one daemon applies events, and another when that one lets go`() async throws {
        let hooks = try await WebhookRig()
        try await hooks.rig.put("acme")
        hooks.objects.setInvoice("in_1", status: "open")
        try await hooks.work { one in
            try await eventually("the first applies") { await one.isHolder }
            try await hooks.work { other in
                try await hooks.put(invoiceEvent("evt_1"))
                try await drained(hooks)
                #expect(await !other.isHolder)
                await one.letGo()
                try await eventually("one applies again") {
                    let (isOne, isOther) = (await one.isHolder, await other.isHolder)
                    return isOne != isOther
                }
            }
        }
    }

    @Test func `a tenant is found by its customer as long as it has that one`() async throws {
        let hooks = try await WebhookRig()
        let store = hooks.rig.store
        func found(_ customer: String) async throws -> [String] {
            try await store.tenants(customer: customer).map(\.id).sorted()
        }
        try await hooks.rig.put("acme", customer: "cus_x")
        try await hooks.rig.put("globex", customer: "cus_x")
        try await hooks.rig.put("longer", customer: "cus_xy")
        #expect(try await found("cus_x") == ["acme", "globex"])
        try await hooks.rig.put("acme", customer: "cus_y")
        #expect(try await found("cus_x") == ["globex"])
        #expect(try await found("cus_y") == ["acme"])
        _ = try await store.removeTenant("globex", levelMeters: [], force: false, noting: .test)
        #expect(try await found("cus_x").isEmpty)
        #expect(try await found("cus_xy") == ["longer"])
        #expect(try await found("").isEmpty)
    }
}
