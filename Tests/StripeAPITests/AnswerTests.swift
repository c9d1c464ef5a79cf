import Foundation
import StripeAPI
import Testing

/// Objects are read into one shape whatever API version wrote them.
@Suite struct AnswerTests {
    private func read<Object: Decodable>(_ type: Object.Type, _ json: String) throws -> Object {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    private func subscription(_ ownFields: String = "", items: String) throws -> StripeSubscription {
        try read(
            StripeSubscription.self,
            """
            {"id":"sub_1","customer":{"id":"cus_1","object":"customer"},"status":"active",
            "metadata":{"tenant_id":"acme"},"billing_cycle_anchor":100,\(ownFields)
            "items":{"object":"list","has_more":false,"data":[\(items)]}}
            """)
    }

    private func item(_ id: String, usage: String, meter: String = "null", period: (Int, Int)? = nil) -> String {
        let own = period.map { ",\"current_period_start\":\($0.0),\"current_period_end\":\($0.1)" } ?? ""
        return """
            {"id":"\(id)","price":{"id":"price_\(id)","recurring":{"usage_type":"\(usage)","meter":\(meter)}}\(own)}
            """
    }

    @Test func `up to acacia a subscription's period is its items' too`() throws {
        let read = try subscription(
            "\"current_period_start\":200,\"current_period_end\":300,\"cancel_at_period_end\":true,",
            items: item("a", usage: "metered"))
        #expect(read.periodStart == 200 && read.periodEnd == 300)
        #expect(read.items.map(\.periodStart) == [200] && read.items.map(\.periodEnd) == [300])
        #expect(read.customer == "cus_1" && read.metadata == ["tenant_id": "acme"] && read.status == "active")
        #expect(read.billingCycleAnchor == 100 && read.cancelAtPeriodEnd)
    }

    @Test func `since basil a subscription's period is that of its first metered item`() throws {
        let read = try subscription(
            items: item("a", usage: "licensed", period: (1, 2)) + ","
                + item("b", usage: "metered", meter: "\"mtr_1\"", period: (3, 4)) + ","
                + item("c", usage: "metered", period: (5, 6)))
        #expect(read.periodStart == 3 && read.periodEnd == 4)
        #expect(read.items.map(\.periodStart) == [1, 3, 5])
        #expect(read.items.map(\.meterID) == [nil, "mtr_1", nil])
        #expect(read.items.map(\.priceID) == ["price_a", "price_b", "price_c"])
        #expect(read.items.map(\.isMetered) == [false, true, true])
        #expect(try subscription(items: item("a", usage: "licensed", period: (1, 2))).periodStart == 1)
        #expect(try subscription(items: "").periodStart == nil)
    }

    @Test(
        arguments: [
            (#""subscription":"sub_1","#, "sub_1"),
            (#""subscription":{"id":"sub_2","object":"subscription"},"#, "sub_2"),
            (#""parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_3"}},"#, "sub_3"),
            (
                #""parent":{"type":"subscription_details","subscription_details":{"subscription":{"id":"sub_4"}}},"#,
                "sub_4"
            ),
            (#""parent":{"type":"quote_details","quote_details":{"quote":"qt_1"}},"#, nil),
            (#""subscription":null,"parent":null,"#, nil),
            ("", nil),
        ] as [(String, String?)])
    func `an invoice names its subscription in either place`(fields: String, id: String?) throws {
        let json = """
            {"id":"in_1",\(fields)"status":"draft","customer":"cus_1","period_start":1,"period_end":2,
            "automatically_finalizes_at":5,"created":3}
            """
        let invoice = try read(StripeInvoice.self, json)
        #expect(invoice.subscriptionID == id)
        #expect(invoice.periodStart == 1 && invoice.periodEnd == 2 && invoice.automaticallyFinalizesAt == 5)
        #expect(invoice.customer == "cus_1" && invoice.status == "draft" && invoice.created == 3)
    }

    @Test func `a finalised invoice finalises no more`() throws {
        let json = """
            {"id":"in_1","status":"open","period_start":1,"period_end":2,"automatically_finalizes_at":null,"created":3}
            """
        #expect(try read(StripeInvoice.self, json).automaticallyFinalizesAt == nil)
    }

    @Test func `an error report names its events, by the key alone in its older form too`() throws {
        let json = """
            {"id":"evt_1","type":"v1.billing.meter.error_report_triggered","related_object":{"id":"mtr_1","type":"x"},
            "data":{"developer_message_summary":"s","reason":{"error_count":5,"error_types":[{"code":"c1",
            "error_count":4,"sample_errors":[{"error_message":"m1","request":{"identifier":"i1"}},
            {"error_message":"m2","request":
            {"id":"req_1","idempotency_key":"i2"}}]},{"code":"c2","error_count":1,"sample_errors":[]}]},
            "validation_start":"a","validation_end":"b"}}
            """
        let event = try read(StripeCoreEvent.self, json)
        #expect(event.relatedObjectID == "mtr_1")
        let report = try #require(event.report)
        #expect(report.errorCount == 5 && report.summary == "s")
        #expect(report.kinds.map(\.code) == ["c1", "c2"] && report.kinds.map(\.count) == [4, 1])
        #expect(report.kinds[0].samples.map(\.identifier) == ["i1", "i2"])
        #expect(report.kinds[0].samples.map(\.message) == ["m1", "m2"])
    }

    @Test func `an event of another kind has no report`() throws {
        let event = try read(StripeCoreEvent.self, #"{"id":"evt_1","type":"x","data":{"reason":"none"}}"#)
        #expect(event.report == nil && event.relatedObjectID == nil)
    }

    @Test func `Stripe's own examples are read alike in both shapes`() throws {
        guard let folder = StripeContract.folder?.appendingPathComponent("events") else { return }
        func object(_ name: String) throws -> Data {
            let data = try Data(contentsOf: folder.appendingPathComponent(name))
            let envelope = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let object = try #require((envelope?["data"] as? [String: Any])?["object"])
            return try JSONSerialization.data(withJSONObject: object)
        }
        let decoder = JSONDecoder()
        let invoices = try ["acacia", "basil"].map {
            try decoder.decode(StripeInvoice.self, from: object("invoice.created.\($0).json"))
        }
        #expect(invoices[0] == invoices[1])
        #expect(invoices[0].subscriptionID?.hasPrefix("sub_") == true)
        #expect(invoices[0].automaticallyFinalizesAt == invoices[0].created + 3600)
        let subscriptions = try ["acacia", "basil"].map {
            try decoder.decode(StripeSubscription.self, from: object("customer.subscription.created.\($0).json"))
        }
        #expect(subscriptions[0].periodStart == subscriptions[1].periodStart)
        #expect(subscriptions[0].items.map(\.periodEnd) == subscriptions[1].items.map(\.periodEnd))
        #expect(subscriptions[0].items.map(\.isMetered) == [false, true])
        for name in ["error_report_triggered", "no_meter_found"] {
            let file = folder.appendingPathComponent("v1.billing.meter.\(name).fetched.json")
            let event = try decoder.decode(StripeCoreEvent.self, from: Data(contentsOf: file))
            #expect(event.report?.kinds.first?.samples.first?.identifier == "37c741d8-1f7e-4adc-af16-afdca1d73b37")
        }
    }
}
