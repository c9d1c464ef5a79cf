import HTTPLink
import StripeAPI
import Testing

/// The secret key and the session's token are in no text that a log could hold.
@Suite struct SecretTests {
    private static let token = "session_token_NeverPrintThis"

    private func texts(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), dumped]
    }

    private func isHidden(_ value: some Any) -> Bool {
        texts(value).allSatisfy { !$0.contains("NeverPrintThis") }
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
            let client = try makeClient(transport)
            for call in [
                { _ = try await client.createMeterEvent(makeEvent(), idempotencyKey: "k") },
                { try await client.sendToStream([makeEvent()]) }, { _ = try await client.coreEvent("evt_1") },
            ] as [() async throws -> Void] {
                let error = try #require(await #expect(throws: StripeError.self) { try await call() })
                #expect(isHidden(error))
            }
        }
    }

    @Test func `the session's token is in no error, whoever repeats it`() async throws {
        let leak = "No session \(Self.token)"
        let body = Fixture.error(type: Self.token, code: "\"\(Self.token)\"", message: leak)
        let session = HTTPResponse(status: 200, body: Array(Fixture.session(Self.token).utf8))
        let answers: [Result<HTTPResponse, HTTPError>] = [
            .success(HTTPResponse(status: 401, headerLines: ["Request-Id: \(Self.token)"], body: Array(body.utf8))),
            .success(HTTPResponse(status: 200, headerLines: ["Request-Id: \(Self.token)"], body: Array(leak.utf8))),
            .failure(HTTPError(code: .failed, message: leak, isOutcomeUnknown: true)),
        ]
        for answer in answers {
            let client = try makeClient(RecordingTransport([.success(session), answer]))
            let error = try #require(
                await #expect(throws: StripeError.self) { try await client.sendToStream([makeEvent()]) })
            #expect(isHidden(error))
            #expect(isHidden(client))
        }
    }

    @Test func `a session's answer that cannot be read is not quoted`() async throws {
        let broken = Fixture.session(Self.token, expires: "never")
        let client = try makeClient(RecordingTransport(json: broken))
        let error = try #require(
            await #expect(throws: StripeError.self) { try await client.sendToStream([makeEvent()]) })
        #expect(isHidden(error))
    }

    @Test func `a request shows neither its headers nor its query nor its body`() async throws {
        let request = HTTPRequest(
            method: "POST", url: "https://u:NeverPrintThis@stripe.test/v1/x?a=NeverPrintThis",
            headers: [("Authorization", secretText)], body: Array(secretText.utf8))
        #expect(isHidden(request))
        #expect("\(request)" == "POST stripe.test/v1/x")
    }

    @Test func `a secret key shows itself in no way`() throws {
        let key = try #require(StripeSecretKey(secretText))
        let configuration = StripeConfiguration(
            secretKey: key, appInfo: StripeAppInfo(name: "tollgate", version: "0"))
        #expect(isHidden(key) && isHidden(configuration))
        #expect(isHidden(try makeClient(RecordingTransport(json: "{}"))))
    }

    @Test(arguments: ["", " ", "sk_test_1\n", "sk test", "sk_é"])
    func `what cannot be a key is none`(text: String) {
        #expect(StripeSecretKey(text) == nil)
    }
}
