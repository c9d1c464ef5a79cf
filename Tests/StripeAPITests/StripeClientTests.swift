import Foundation
import HTTPLink
import StripeAPI
import Testing

@Suite struct StripeClientTests {
    private func value(_ name: String, of request: HTTPRequest) -> String? {
        request.headers.first { $0.name == name }?.value
    }

    private func success(_ json: String) -> Result<HTTPResponse, HTTPError> {
        .success(HTTPResponse(status: 200, body: Array(json.utf8)))
    }

    @Test func `a meter event is one form with its payload nested`() async throws {
        let transport = RecordingTransport(json: Fixture.event)
        let event = try await makeClient(transport).createMeterEvent(
            MeterEventRequest(
                eventName: "messages", customer: "cus_1", timestamp: 1_800_000_000, identifier: "i1",
                payload: ["value": "999999999999999", "stripe_customer_id": "cus_1 &é"]), idempotencyKey: "k1")
        #expect(event.identifier == "i1" && event.eventName == "messages" && event.timestamp == 1_800_000_000)
        let request = try #require(transport.requests.first)
        #expect(request.method == "POST")
        #expect(request.url == "https://stripe.test/v1/billing/meter_events")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "event_name=messages&identifier=i1&payload%5Bstripe_customer_id%5D=cus_1%20%26%C3%A9"
                + "&payload%5Bvalue%5D=999999999999999&timestamp=1800000000")
        #expect(value("Idempotency-Key", of: request) == "k1")
        #expect(value("Content-Type", of: request) == "application/x-www-form-urlencoded")
    }

    @Test func `every request says who is calling, with which key and which version`() async throws {
        let transport = RecordingTransport(json: Fixture.list([]))
        try await makeClient(transport).retrieveAccountReachable()
        let request = try #require(transport.requests.first)
        #expect(request.method == "GET")
        #expect(request.url == "https://stripe.test/v1/billing/meters?limit=1")
        #expect(value("Authorization", of: request) == "Bearer \(secretText)")
        #expect(value("Stripe-Version", of: request) == "2026-10-28.endive")
        #expect(value("User-Agent", of: request) == "tollgate/0.1.0 (https://example.com/tollgate)")
        #expect(value("Idempotency-Key", of: request) == nil)
        let agent = try #require(value("X-Stripe-Client-User-Agent", of: request))
        let json = try #require(JSONSerialization.jsonObject(with: Data(agent.utf8)) as? [String: Any])
        #expect(json["lang"] as? String == "swift")
        #expect((json["application"] as? [String: String])?["version"] == "0.1.0")
    }

    @Test func `a meter is read with the fields that decide whether it fits`() async throws {
        let transport = RecordingTransport(json: Fixture.list([Fixture.meter("mtr_1")]))
        let meter = try #require(try await makeClient(transport).listMeters().first)
        #expect(meter.id == "mtr_1" && meter.status == "active" && meter.formula == "sum")
        #expect(meter.eventTimeWindow == "hour")
        #expect(meter.customerPayloadKey == "customer" && meter.valuePayloadKey == "count")
        #expect(meter.customerMappingType == "by_id")
    }

    @Test func `an ordinary meter has no window`() async throws {
        let transport = RecordingTransport(json: Fixture.list([Fixture.meter("mtr_1", window: "null")]))
        #expect(try await makeClient(transport).listMeters(status: "active").first?.eventTimeWindow == nil)
        #expect(transport.requests.first?.url.hasSuffix("?status=active&limit=100") == true)
    }

    @Test func `listing goes on from page to page and a name picks its meters`() async throws {
        let transport = RecordingTransport([
            success(Fixture.list([Fixture.meter("mtr_1"), Fixture.meter("mtr_2", eventName: "x")], hasMore: true)),
            success(Fixture.list([Fixture.meter("mtr_3")])),
        ])
        let meters = try await makeClient(transport).meters(eventName: "messages")
        #expect(meters.map(\.id) == ["mtr_1", "mtr_3"])
        #expect(
            transport.requests.map(\.url) == [
                "https://stripe.test/v1/billing/meters?limit=100",
                "https://stripe.test/v1/billing/meters?limit=100&starting_after=mtr_2",
            ])
    }

    @Test func `a listing without end is given up`() async throws {
        let transport = RecordingTransport(json: Fixture.list([Fixture.meter("mtr_1")], hasMore: true))
        let error = await #expect(throws: StripeError.self) { try await makeClient(transport).listMeters() }
        #expect(error?.source == .local)
        #expect(transport.requests.count == 50)
    }

    @Test func `summaries are asked for by whole hours and keep fifteen digits`() async throws {
        let transport = RecordingTransport(json: Fixture.list([Fixture.summary("s1", value: "999999999999999.0")]))
        let rows = try await makeClient(transport).eventSummaries(
            meter: "mtr_1", customer: "cus_1", fromHour: 500_000, toHour: 500_024)
        #expect(rows.map { Int64($0.aggregatedValue) } == [999_999_999_999_999])
        #expect(rows.first?.startTime == 3600)
        #expect(
            transport.requests.first?.url
                == "https://stripe.test/v1/billing/meters/mtr_1/event_summaries?customer=cus_1&start_time=1800000000"
                + "&end_time=1800086400&value_grouping_window=hour&limit=100")
    }

    @Test(arguments: [("", "i", "k"), ("e", "", "k"), ("e", "i", ""), ("e", "i", "k\nX-Evil: 1")])
    func `arguments Stripe would refuse never leave`(name: String, identifier: String, key: String) async throws {
        let transport = RecordingTransport(json: Fixture.event)
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(transport).createMeterEvent(
                MeterEventRequest(
                    eventName: name, customer: "c", timestamp: 0, identifier: identifier, payload: [:]),
                idempotencyKey: key)
        }
        #expect(error?.source == .local)
        #expect(error?.code == StripeError.LocalCode.invalidArgument.rawValue)
        #expect(error?.isRetryable == false)
        #expect(transport.requests.isEmpty)
    }

    @Test func `a call that would wait too long for its turn fails without being sent`() async throws {
        let configuration = StripeConfiguration(
            secretKey: try #require(StripeSecretKey(secretText)), limits: StripeLimits(requestsPerSecond: 1),
            longestPacing: .zero,
            appInfo: StripeAppInfo(name: "tollgate", version: "0"))
        let transport = RecordingTransport(json: Fixture.list([]))
        let client = StripeClient(configuration: configuration, transport: transport, clock: StoppedClock())
        try await client.retrieveAccountReachable()
        let error = await #expect(throws: StripeError.self) { try await client.retrieveAccountReachable() }
        #expect(error?.code == StripeError.LocalCode.paced.rawValue)
        #expect(error?.isOutcomeUnknown == false)
        #expect(transport.requests.count == 1)
    }
}
