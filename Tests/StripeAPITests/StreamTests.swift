import Foundation
import HTTPLink
import Synchronization
import TestSupport
import Testing

@testable import StripeAPI

/// The meter event stream: its requests, and the session behind them.
@Suite struct StreamTests {
    /// Stands in for the stream: gives sessions `token_1`, `token_2`, … and takes events with those not yet ended.
    private final class Stream: StripeTransport {
        private struct State {
            var sessions = 0
            var ended: Set<String> = []
            var sent: [HTTPRequest] = []
            var sessionKeys: [String] = []
            var failures: [Result<HTTPResponse, HTTPError>] = []
            var held: [CheckedContinuation<Void, Never>]?
        }

        private let state = Mutex(State())

        var sessions: Int { state.withLock { $0.sessions } }
        /// The requests with events.
        var sent: [HTTPRequest] { state.withLock { $0.sent } }
        var sessionKeys: [String] { state.withLock { $0.sessionKeys } }
        var heldCount: Int { state.withLock { $0.held?.count ?? 0 } }

        func end(_ token: String) { state.withLock { _ = $0.ended.insert(token) } }
        func failSessions(_ answers: [Result<HTTPResponse, HTTPError>]) { state.withLock { $0.failures = answers } }
        func holdSessions() { state.withLock { $0.held = [] } }

        func releaseSessions() {
            let held = state.withLock { state in
                defer { state.held = nil }
                return state.held ?? []
            }
            for continuation in held { continuation.resume() }
        }

        func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
            request.url.hasSuffix("meter_event_session") ? try await session(request) : events(request)
        }

        private func session(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
            await withCheckedContinuation { continuation in
                let isHeld = state.withLock { state in
                    state.sessions += 1
                    state.sessionKeys.append(StreamTests.header("Idempotency-Key", request) ?? "")
                    state.held?.append(continuation)
                    return state.held != nil
                }
                if !isHeld { continuation.resume() }
            }
            let (failure, number) = state.withLock { state in
                (state.failures.isEmpty ? nil : state.failures.removeFirst(), state.sessions)
            }
            if let failure { return try failure.get() }
            return HTTPResponse(status: 200, body: Array(Fixture.session("token_\(number)").utf8))
        }

        private func events(_ request: HTTPRequest) -> HTTPResponse {
            state.withLock { state in
                state.sent.append(request)
                let bearer = StreamTests.header("Authorization", request)?.dropFirst("Bearer ".count) ?? ""
                guard state.ended.contains(String(bearer)) || state.ended.contains("*") else {
                    return HTTPResponse(status: 200, body: Array("{}".utf8))
                }
                return HTTPResponse(status: 401, body: Array(StreamTests.expired.utf8))
            }
        }
    }

    private static let expired = """
        {"error":{"type":"temporary_session_expired","code":"billing_meter_event_session_expired",
        "message":"The session has expired."}}
        """

    private static func header(_ name: String, _ request: HTTPRequest) -> String? {
        request.headers.first { $0.name == name }?.value
    }

    private func tokens(_ stream: Stream) -> [String] {
        stream.sent.compactMap { Self.header("Authorization", $0) }
    }

    @Test func `a hundred events go in one request, with the session's token and not the key`() async throws {
        let stream = Stream()
        let events = (0..<100).map { makeEvent("i\($0)", value: "\($0)") }
        try await makeClient(stream).sendToStream(events)
        let request = try #require(stream.sent.first)
        #expect(request.url == "https://stripe.test/v2/billing/meter_event_stream")
        #expect(Self.header("Authorization", request) == "Bearer token_1")
        #expect(Self.header("Content-Type", request) == "application/json")
        let body = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: [[String: Any]]]
        let sent = try #require(body?["events"])
        #expect(sent.compactMap { $0["identifier"] as? String } == events.map(\.identifier))
        #expect(sent.allSatisfy { $0["timestamp"] as? String == "2027-01-15T08:00:00Z" })
        #expect(sent[99]["payload"] as? [String: String] == ["stripe_customer_id": "cus_1", "value": "99"])
    }

    @Test func `the stream is at Stripe's own host unless the API is elsewhere or it is told`() throws {
        func base(_ api: String, _ stream: String? = nil) throws -> String {
            StripeConfiguration(
                apiBase: api, meterEventsBase: stream, secretKey: try #require(StripeSecretKey(secretText)),
                appInfo: StripeAppInfo(name: "tollgate", version: "0")
            ).meterEventsBase
        }
        #expect(try base("https://api.stripe.com/") == "https://meter-events.stripe.com")
        #expect(try base("http://127.0.0.1:1") == "http://127.0.0.1:1")
        #expect(try base("https://api.stripe.com", "https://s.test/") == "https://s.test")
    }

    @Test(arguments: [0, 101])
    func `no events and more than a hundred are refused and nothing is sent`(count: Int) async throws {
        let stream = Stream()
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(stream).sendToStream(Array(repeating: makeEvent(), count: count))
        }
        #expect(error?.code == "tollgate_invalid_argument")
        #expect(stream.sessions == 0 && stream.sent.isEmpty)
    }

    @Test func `one session serves until a minute before its end and is then renewed`() async throws {
        let stream = Stream()
        let clock = ManualClock()
        let client = try makeClient(stream, clock: clock)
        try await client.sendToStream([makeEvent()])
        clock.advance(by: .seconds(839))
        try await client.sendToStream([makeEvent()])
        #expect(stream.sessions == 1)
        clock.advance(by: .seconds(1))
        try await client.sendToStream([makeEvent()])
        #expect(tokens(stream) == ["Bearer token_1", "Bearer token_1", "Bearer token_2"])
        #expect(Set(stream.sessionKeys).count == 2)
    }

    @Test func `senders at once share one fetch of a session`() async throws {
        let stream = Stream()
        stream.holdSessions()
        let client = try makeClient(stream)
        let tasks = (0..<8).map { _ in Task { try await client.sendToStream([makeEvent()]) } }
        try await eventually("one asks and the others wait") {
            stream.heldCount == 1 && client.gate.turnstile.waitingCount == 7
        }
        stream.releaseSessions()
        for task in tasks { try await task.value }
        #expect(stream.sessions == 1)
        #expect(Set(tokens(stream)) == ["Bearer token_1"] && stream.sent.count == 8)
    }

    @Test func `senders at once share a failure to get a session`() async throws {
        let stream = Stream()
        stream.holdSessions()
        stream.failSessions([.success(HTTPResponse(status: 500))])
        let client = try makeClient(stream)
        let tasks = (0..<8).map { _ in Task { try await client.sendToStream([makeEvent()]) } }
        try await eventually("one asks and the others wait") {
            stream.heldCount == 1 && client.gate.turnstile.waitingCount == 7
        }
        stream.releaseSessions()
        for task in tasks { await #expect(throws: StripeError.self) { try await task.value } }
        #expect(stream.sessions == 1 && stream.sent.isEmpty)
        try await client.sendToStream([makeEvent()])
        #expect(tokens(stream) == ["Bearer token_2"])
    }

    @Test func `a session that has ended at Stripe is renewed once and the same events go again`() async throws {
        let stream = Stream()
        let client = try makeClient(stream)
        try await client.sendToStream([makeEvent("a")])
        stream.end("token_1")
        try await client.sendToStream([makeEvent("b")])
        #expect(tokens(stream) == ["Bearer token_1", "Bearer token_1", "Bearer token_2"])
        #expect(stream.sent[1].body == stream.sent[2].body)
        let keys = stream.sent.map { Self.header("Idempotency-Key", $0) }
        #expect(keys[1] == keys[2] && keys[0] != keys[1] && keys[0]?.isEmpty == false)
    }

    @Test func `a session that has ended again is not renewed a second time`() async throws {
        let stream = Stream()
        stream.end("*")
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(stream).sendToStream([makeEvent()])
        }
        #expect(error?.code == "billing_meter_event_session_expired" && error?.httpStatus == 401)
        #expect(error?.isOutcomeUnknown == false)
        #expect(stream.sent.count == 2 && stream.sessions == 2)
    }

    @Test(
        arguments: [
            .success(HTTPResponse(status: 503)), .success(HTTPResponse(status: 200, body: Array("<html>".utf8))),
            .failure(HTTPError(code: .timedOutAfterSending, message: "no answer", isOutcomeUnknown: true)),
        ] as [Result<HTTPResponse, HTTPError>])
    func `without a session nothing of the events was sent`(failure: Result<HTTPResponse, HTTPError>) async throws {
        let stream = Stream()
        stream.failSessions([failure])
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(stream).sendToStream([makeEvent()])
        }
        #expect(error?.isOutcomeUnknown == false && error?.httpStatus == nil)
        #expect(error?.code == StripeError.LocalCode.notSent.rawValue)
        #expect(stream.sent.isEmpty)
    }

    @Test func `a key that gets no session is told as Stripe's refusal`() async throws {
        let stream = Stream()
        let body = Fixture.error(type: "invalid_request_error", message: "no")
        stream.failSessions([.success(HTTPResponse(status: 401, body: Array(body.utf8)))])
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(stream).sendToStream([makeEvent()])
        }
        #expect(error?.httpStatus == 401)
    }

    @Test(arguments: ["", "[]", "<html>ok</html>"])
    func `a success of the stream that is not in Stripe's shape is no success`(body: String) async throws {
        let transport = RecordingTransport([
            .success(HTTPResponse(status: 200, body: Array(Fixture.session("token_1").utf8))),
            .success(HTTPResponse(status: 200, body: Array(body.utf8))),
        ])
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(transport).sendToStream([makeEvent()])
        }
        #expect(error?.isOutcomeUnknown == true)
    }
}
