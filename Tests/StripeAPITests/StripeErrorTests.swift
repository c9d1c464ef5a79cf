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

    @Test func `the secret key is in no error, whoever repeats it`() async throws {
        let leak = "Invalid API Key provided: \(secretText)"
        let body = Fixture.error(
            type: secretText, code: "\"\(secretText)\"", message: leak, param: "\"\(secretText)\"")
        let headers = ["Request-Id: \(secretText)", "Stripe-Rate-Limited-Reason: \(secretText)"]
        let transports = [
            RecordingTransport(401, headers: headers, json: body),
            RecordingTransport(200, headers: headers, json: leak),
            RecordingTransport(500, headers: headers, json: leak),
            RecordingTransport([.failure(HTTPError(code: .failed, message: leak, isOutcomeUnknown: true))]),
        ]
        for transport in transports {
            let error = try await failure(transport)
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains(secretText))
            #expect(!"\(error)".contains(secretText))
        }
    }

    @Test func `a secret key shows itself in no way`() throws {
        let key = try #require(StripeSecretKey(secretText))
        let configuration = StripeConfiguration(
            secretKey: key, appInfo: StripeAppInfo(name: "tollgate", version: "0"))
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(key)", String(reflecting: key), "\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("NeverPrintThis"))
        }
    }

    @Test(arguments: ["", " ", "sk_test_1\n", "sk test", "sk_é"])
    func `what cannot be a key is none`(text: String) {
        #expect(StripeSecretKey(text) == nil)
    }
}
