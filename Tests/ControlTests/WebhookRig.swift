import Foundation
import HTTPLink
import Metering
import RedisLink
import ServiceLifecycle
import StripeAPI
import Synchronization
import TestSupport
import Testing

@testable import Control

/// Objects at Stripe, by their paths, as a worker reads them.
final class StripeObjects: StripeTransport {
    private struct State {
        var answers: [String: Result<HTTPResponse, HTTPError>] = [:]
        var reads: [String] = []
    }

    private let state = Mutex(State())

    /// The paths that were read, in order.
    var reads: [String] { state.withLock { $0.reads } }

    func set(_ path: String, _ json: String, status: Int = 200) {
        state.withLock { $0.answers[path] = .success(HTTPResponse(status: status, body: Array(json.utf8))) }
    }

    func fail(_ path: String) {
        state.withLock {
            $0.answers[path] = .failure(
                HTTPError(code: .couldNotConnect, message: "no connection", isOutcomeUnknown: false))
        }
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let path = String(request.url.dropFirst("http://stripe.test".count).prefix { $0 != "?" })
        let answer = state.withLock { state in
            state.reads.append(path)
            return state.answers[path]
        }
        let none = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"resource_missing\",\"message\":\"none\"}}"
        return try (answer ?? .success(HTTPResponse(status: 404, body: Array(none.utf8)))).get()
    }

    /// An invoice of a subscription, in the shape of today's version.
    func setInvoice(
        _ id: String, status: String, finalizesAt: Int64? = nil, periodEnd: Int64 = 1_799_998_800,
        subscription: String = "sub_acme"
    ) {
        let at = finalizesAt.map { String($0) } ?? "null"
        set(
            "/v1/invoices/\(id)",
            """
            {"id":"\(id)","object":"invoice","status":"\(status)","customer":"cus_acme","created":1799998800,
            "parent":{"type":"subscription_details","subscription_details":{"subscription":"\(subscription)"}},
            "period_start":1797320400,"period_end":\(periodEnd),"automatically_finalizes_at":\(at)}
            """)
    }
}

/// A rig with a listener for Stripe's events and a worker that applies them.
struct WebhookRig {
    static let secret = "whsec_of_this_rig"

    let rig: Rig
    let objects = StripeObjects()
    let context: ControlContext
    let counts = WebhookCounts()
    /// Begins at the present: Redis says when an event came.
    let time = ManualTime(milliseconds: ControlContext.systemTime())

    init(catalogue: Catalogue = Rig.catalogue, redisOptions: [String] = ["appendonly yes"]) async throws {
        rig = try await Rig(catalogue: catalogue, redisOptions: redisOptions)
        var context = rig.context
        context.stripe = StripeClient(
            configuration: StripeConfiguration(
                apiBase: "http://stripe.test", secretKey: try #require(StripeSecretKey("sk_test_rig")),
                limits: StripeLimits(requestsPerSecond: 10_000),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")),
            transport: objects)
        context.now = { [time] in time.milliseconds }
        self.context = context
    }

    var now: Int64 { time.milliseconds / 1000 }

    /// The events that wait.
    func pending() async throws -> [StoredEvent] { try await rig.store.events(after: nil, limit: 100) }
    func dead() async throws -> [StoredEvent] { try await rig.store.deadEvents(after: nil, limit: 100) }

    func draft(of tenant: String) async throws -> String? {
        let key = rig.store.keys[rig.store.keys.partition(of: tenant)].drafts
        guard case .string(let text) = try await rig.store.client.command(["HGET", key, tenant]) else { return nil }
        return text
    }

    /// Puts an event where the listener puts it.
    func put(_ event: StoredEvent) async throws {
        #expect(try await rig.store.putEvents([event]).get() == [.stored])
    }

    /// Whether the metrics count this.
    func has(_ line: String) -> Bool { Metric.page(counts.metrics).contains(line + "\n") }

    // MARK: - Listening

    struct Sender: Sendable {
        let client: HTTPClient
        let port: Int

        func send(
            _ body: [UInt8], header: String?, method: String = "POST", path: String = "/webhooks/stripe"
        ) async throws -> HTTPResponse {
            try await client.send(
                HTTPRequest(
                    method: method, url: "http://127.0.0.1:\(port)\(path)",
                    headers: header.map { [("Stripe-Signature", $0)] } ?? [], body: body, deadline: .seconds(20)))
        }
    }

    func signed(_ body: [UInt8], secret: String = secret, at timestamp: Int64? = nil) -> String {
        let timestamp = timestamp ?? now
        let code = WebhookSecret(secret)?.authenticator(Array("\(timestamp).".utf8) + body) ?? []
        return "t=\(timestamp),v1=" + code.map { String(format: "%02x", $0) }.joined()
    }

    /// Listens while `body` runs.
    func listen(secrets: [String] = [secret], _ body: (Sender) async throws -> Void) async throws {
        let endpoint = WebhookEndpoint(
            host: "127.0.0.1", port: 0, secrets: { secrets.compactMap { WebhookSecret($0) } },
            tolerance: { .seconds(300) }, store: rig.store)
        let listener = WebhookListener(
            endpoint: endpoint, counts: counts, log: WebhookLog(context.logger), context: context)
        let holder = PortHolder()
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: listener.service { holder.set($0) })], logger: context.logger))
        let running = Task { try await group.run() }
        try await eventually("the listener listens") { holder.port != nil }
        let client = try HTTPClient()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(Sender(client: client, port: try #require(holder.port))))
        } catch {
            outcome = .failure(error)
        }
        client.shutdown()
        await group.triggerGracefulShutdown()
        try await running.value
        try outcome.get()
    }

    /// Applies events while `body` runs.
    func work(_ body: (WebhookWorker) async throws -> Void) async throws {
        let stripe = try #require(context.stripe)
        let worker = WebhookWorker(
            context: context,
            applier: WebhookApplier(
                context: context, stripe: stripe, counts: counts, summaryLag: 300_000, booksMargin: 300),
            counts: counts, log: WebhookLog(context.logger))
        let task = Task { await worker.run() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(worker))
        } catch {
            outcome = .failure(error)
        }
        task.cancel()
        await task.value
        await worker.letGo()
        try outcome.get()
    }
}

private final class PortHolder: Sendable {
    private let kept = Mutex<Int?>(nil)
    var port: Int? { kept.withLock { $0 } }
    func set(_ port: Int) { kept.withLock { $0 = port } }
}
