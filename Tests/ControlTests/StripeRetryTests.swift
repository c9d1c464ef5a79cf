import Billing
import HTTPLink
import StripeAPI
import Synchronization
import TestSupport
import Testing

@testable import Control

/// The loop for calls that are not usage.
@Suite struct StripeRetryTests {
    /// Answers each request with the next of its answers, the last one for ever.
    private final class Stripe: StripeTransport {
        private let state: Mutex<(answers: [ScriptedStripe.Answer], requests: [HTTPRequest])>

        init(_ answers: [ScriptedStripe.Answer]) { state = Mutex((answers, [])) }

        var requests: [HTTPRequest] { state.withLock { $0.requests } }

        func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
            let answer = state.withLock { state in
                state.requests.append(request)
                return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
            }
            return try answer?.get() ?? HTTPResponse(status: 404)
        }
    }

    private static let price = #"{"id":"price_1","object":"price","active":true}"#
    private static let accepted: ScriptedStripe.Answer = .success(
        HTTPResponse(status: 200, body: Array(price.utf8)))

    private func client(_ stripe: Stripe) throws -> StripeClient {
        StripeClient(configuration: try configuration(), transport: stripe)
    }

    private func configuration() throws -> StripeConfiguration {
        StripeConfiguration(
            apiBase: "http://stripe.test", secretKey: try #require(StripeSecretKey("sk_test_rig")),
            limits: StripeLimits(requestsPerSecond: 100_000, endpointPerSecond: 100_000),
            appInfo: StripeAppInfo(name: "tollgate", version: "test"))
    }

    private func retry(_ clock: any Clock<Duration>) -> StripeRetry {
        StripeRetry(clock: clock, random: { 1 })
    }

    private func answer(_ status: Int, type: String = "api_error", headers: [String] = []) -> ScriptedStripe.Answer {
        let json = "{\"error\":{\"type\":\"\(type)\",\"message\":\"m\"}}"
        return .success(HTTPResponse(status: status, headerLines: headers, body: Array(json.utf8)))
    }

    @Test func `a call is repeated with the same key until it is answered, and waits longer each time`() async throws {
        let stripe = Stripe([
            answer(500), ScriptedStripe.lost(sent: true), answer(429), ScriptedStripe.lost(sent: false), Self.accepted,
        ])
        let client = try client(stripe)
        let clock = ManualClock()
        let task = Task {
            try await retry(clock).write(key: "k1") { key throws(StripeError) in
                let price = PriceRequest(currency: "eur", product: "p", unitAmountDecimal: "1", meter: "mtr_1")
                return try await client.createPrice(price, idempotencyKey: key)
            }
        }
        for milliseconds in [500, 1000, 2000, 4000] {
            try await eventually("it waits") { clock.sleeperCount == 1 }
            clock.advance(by: .milliseconds(milliseconds - 1))
            #expect(clock.sleeperCount == 1)
            clock.advance(by: .milliseconds(1))
        }
        #expect(try await task.value.id == "price_1")
        let keys = stripe.requests.map { $0.headers.first { $0.name == "Idempotency-Key" }?.value }
        #expect(keys == Array(repeating: "k1", count: 5))
        #expect(Set(stripe.requests.map(\.body)).count == 1)
    }

    @Test func `attempts have an end`() async throws {
        let stripe = Stripe([answer(500)])
        let client = try client(stripe)
        let clock = ManualClock()
        let task = Task { try await retry(clock).read { () throws(StripeError) in try await client.price("p") } }
        for seconds in [1, 2, 4, 8] {
            try await eventually("it waits") { clock.sleeperCount == 1 }
            clock.advance(by: .seconds(seconds))
        }
        let result = await task.result
        let error = #expect(throws: StripeError.self) { try result.get() }
        #expect(error?.httpStatus == 500 && stripe.requests.count == 5)
    }

    @Test func `so has the time they may take`() async throws {
        let stripe = Stripe([answer(500)])
        let client = try client(stripe)
        var retry = retry(ManualClock())
        retry.longest = .milliseconds(499)
        await #expect(throws: StripeError.self) {
            try await retry.read { () throws(StripeError) in try await client.price("p") }
        }
        #expect(stripe.requests.count == 1)
    }

    @Test func `what cannot get better is not repeated`() async throws {
        for refusal in [
            answer(400, type: "invalid_request_error"), answer(401), answer(404),
            answer(400, type: "idempotency_error"),
        ] {
            let stripe = Stripe([refusal, Self.accepted])
            let client = try client(stripe)
            let clock = ManualClock()
            await #expect(throws: StripeError.self) {
                try await retry(clock).read { () throws(StripeError) in try await client.price("p") }
            }
            #expect(stripe.requests.count == 1)
        }
    }

    @Test func `a cancelled call is not repeated`() async throws {
        let stripe = Stripe([answer(500)])
        let client = try client(stripe)
        let clock = ManualClock()
        let task = Task { try await retry(clock).read { () throws(StripeError) in try await client.price("p") } }
        try await eventually("it waits") { clock.sleeperCount == 1 }
        task.cancel()
        let result = await task.result
        #expect(throws: StripeError.self) { try result.get() }
        #expect(stripe.requests.count == 1)
    }

    @Test func `our own refusals are told from Stripe's`() async throws {
        let client = try client(Stripe([ScriptedStripe.lost(sent: false)]))
        let event = MeterEventRequest(eventName: "", customer: "c", timestamp: 0, identifier: "i", payload: [:])
        let invalid = await #expect(throws: StripeError.self) {
            try await client.createMeterEvent(event, idempotencyKey: "k")
        }
        #expect(try StripeOutcome(#require(invalid)) == .unsendable("an event name is 1 to 100 characters"))
        let lost = await #expect(throws: StripeError.self) { try await client.price("p") }
        #expect(try StripeOutcome(#require(lost)) == .notSent("no connection"))
        var settings = try configuration()
        settings.limits.endpointPerSecond = 1
        settings.longestPacing = .zero
        let slow = StripeClient(configuration: settings, transport: Stripe([Self.accepted]))
        _ = try await slow.price("p")
        let paced = await #expect(throws: StripeError.self) { try await slow.price("p") }
        #expect(
            try StripeOutcome(#require(paced)) == .heldBack("too many calls to Stripe are waiting for their turn"))
    }
}
