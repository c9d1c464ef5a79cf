import HTTPLink
import StripeAPI
import Testing

@Suite struct StripeErrorTests {
    private func failure(_ transport: RecordingTransport) async throws -> StripeError {
        let client = try makeClient(transport)
        return try #require(
            await #expect(throws: StripeError.self) {
                try await client.createMeterEvent(
                    MeterEventRequest(eventName: "e", customer: "c", timestamp: 0, identifier: "i", payload: [:]),
                    idempotencyKey: "k")
            })
    }

    @Test func `everything Stripe says of an error is kept`() async throws {
        let body = Fixture.error(
            type: "invalid_request_error", code: "\"parameter_unknown\"", message: "Unknown: x", param: "\"x\"")
        let error = try await failure(
            RecordingTransport(400, headers: ["Request-Id: req_9", "Stripe-Should-Retry: false"], json: body))
        #expect(error.source == .stripe)
        #expect(error.type == "invalid_request_error" && error.code == "parameter_unknown" && error.param == "x")
        #expect(error.httpStatus == 400 && error.requestID == "req_9" && error.shouldRetry == false)
        #expect(!error.isRetryable && !error.isOutcomeUnknown)
        #expect(error.description == "Unknown: x (HTTP 400, code parameter_unknown, parameter x, request req_9)")
    }

    @Test func `a rate limit names its limiter and can be retried`() async throws {
        let body = Fixture.error(type: "invalid_request_error", code: "\"rate_limit\"", message: "Slow down")
        let error = try await failure(
            RecordingTransport(429, headers: ["Stripe-Rate-Limited-Reason: endpoint-rate"], json: body))
        #expect(error.rateLimitedReason == "endpoint-rate")
        #expect(error.isRetryable && !error.isOutcomeUnknown && error.shouldRetry == nil)
    }

    @Test(arguments: [500, 502, 503])
    func `a server error leaves the outcome unknown`(status: Int) async throws {
        let error = try await failure(RecordingTransport(status, json: "<html>bad gateway</html>"))
        #expect(error.isOutcomeUnknown && error.isRetryable)
        #expect(error.type == nil)
        #expect(error.code == StripeError.LocalCode.unreadableAnswer.rawValue)
    }

    @Test(arguments: [(429, true), (409, true), (401, true), (403, true), (400, false)])
    func `what is answered to a repetition before idempotency says nothing of the first`(
        status: Int, isUnknown: Bool
    ) async throws {
        let body = Array(Fixture.error(type: "invalid_request_error", message: "m").utf8)
        for (lines, wasSentAgain) in [([], true), (["Idempotent-Replayed: true"], true), ([], false)] {
            let answer = HTTPResponse(status: status, headerLines: lines, body: body, wasSentAgain: wasSentAgain)
            let error = try await failure(RecordingTransport([.success(answer)]))
            #expect(error.wasSentAgain == wasSentAgain)
            #expect(error.isOutcomeUnknown == (isUnknown && wasSentAgain && lines.isEmpty))
        }
    }

    @Test func `Stripe's own word on retrying wins`() async throws {
        let body = Fixture.error(type: "api_error", message: "m")
        let error = try await failure(RecordingTransport(500, headers: ["Stripe-Should-Retry: false"], json: body))
        #expect(!error.isRetryable && error.isOutcomeUnknown)
    }

    @Test(arguments: ["", "[]", "<html>welcome</html>", "{\"object\":\"billing.meter_event\"}"])
    func `a success that is not in Stripe's shape is no success`(body: String) async throws {
        let error = try await failure(RecordingTransport(200, json: body))
        #expect(error.code == StripeError.LocalCode.unreadableAnswer.rawValue)
        #expect(error.isOutcomeUnknown)
        #expect(error.message.contains("stripe.api_base"))
    }

    @Test(arguments: HTTPError.Code.allCases, [true, false])
    func `an error of the way keeps whether the request had left`(code: HTTPError.Code, unknown: Bool) async throws {
        let cause = HTTPError(code: code, message: "because", isOutcomeUnknown: unknown)
        let error = try await failure(RecordingTransport([.failure(cause)]))
        #expect(error.isOutcomeUnknown == unknown)
        #expect(error.message == "because")
        #expect(error.httpStatus == nil && error.type == nil)
        #expect(error.isRetryable == (code != .cancelled && code != .invalidRequest))
    }

    @Test(arguments: [
        (#"{"error":{"code":"invalid_payload","message":"m","user_message":"u"}}"#, "m"),
        (#"{"error":{"type":"temporary_session_expired","code":"c","user_message":"u"}}"#, "u"),
    ])
    func `an error of the v2 API is in Stripe's shape, with a type or without`(body: String, message: String)
        async throws
    {
        let error = try await failure(RecordingTransport(400, json: body))
        #expect(error.isInStripeShape && error.message == message)
        #expect(try await !failure(RecordingTransport(400, json: "{}")).isInStripeShape)
    }

    @Test func `a saved answer is told from a new one`() async throws {
        let headers = ["Idempotent-Replayed: true", "Request-Id: req_1"]
        let error = try await failure(
            RecordingTransport(500, headers: headers, json: Fixture.error(type: "api_error", message: "m")))
        #expect(error.isReplayed && error.isOutcomeUnknown && error.requestID == "req_1")
        #expect(try await !failure(RecordingTransport(500, json: "")).isReplayed)
        for (lines, isReplayed) in [(headers, true), ([], false)] {
            let events = try makeClient(RecordingTransport(200, headers: lines, json: Fixture.event))
            #expect(try await events.createMeterEvent(makeEvent(), idempotencyKey: "k").isReplayed == isReplayed)
            let records = try makeClient(RecordingTransport(200, headers: lines, json: Fixture.usageRecord))
            let record = try await records.createUsageRecord(item: "si", quantity: 7, timestamp: 0, idempotencyKey: "k")
            #expect(record.isReplayed == isReplayed && record.quantity == 7)
        }
    }
}
