import Foundation
import HTTPLink
import Metering
import RedisLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// A rig whose flusher sends to the project's own stand-in for Stripe, over real HTTP, by the sandbox's clock and the
/// rig's, which go together.
final class SandboxRun {
    let rig: Rig
    let client: StripeClient
    private(set) var context: ControlContext
    let configuration: ControlConfiguration
    private let child: ChildProcess
    private let http: HTTPClient
    private let base: String

    init(
        _ catalogue: Catalogue = Rig.catalogue, seed: String, change: (inout ControlConfiguration) -> Void = { _ in }
    ) async throws {
        child = try ChildProcess(try BinaryUnderTest.stripeSandbox(), ["--listen", "127.0.0.1:0"])
        let line = try await child.waitForLine(containing: "listening on ", in: .standardOutput)
        base = try #require(line.split(separator: " ").last.map { String($0) })
        http = try HTTPClient()
        rig = try await Rig(catalogue: catalogue)
        client = StripeClient(
            configuration: StripeConfiguration(
                apiBase: base, secretKey: try #require(StripeSecretKey("sk_test_rig")),
                limits: StripeLimits(requestsPerSecond: 10_000, endpointPerSecond: 10_000),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")),
            transport: http)
        var configuration = rig.configuration
        configuration.summaryLag = .zero
        change(&configuration)
        self.configuration = configuration
        context = rig.context
        context.stripe = client
        try await post("clock", "{\"now\": \(rig.time.milliseconds / 1000)}")
        try await post("seed", seed)
    }

    deinit { http.shutdown() }

    /// One flusher for the whole run, as in a daemon.
    lazy var flusher: Flusher = {
        let claims = PartitionClaims(
            store: context.store, name: context.flusherName, clock: context.clock, logger: context.logger)
        return Flusher(context: context, configuration: configuration, claims: claims)
    }()

    @discardableResult
    func post(_ path: String, _ body: String) async throws -> Data {
        let answer = try await http.send(
            HTTPRequest(
                method: "POST", url: "\(base)/_sandbox/\(path)", headers: [("Content-Type", "application/json")],
                body: Array(body.utf8)))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        return Data(answer.body)
    }

    /// Has a subscription's next period begin at once, as an upgrade does.
    func restart(_ subscription: String) async throws {
        let answer = try await http.send(
            HTTPRequest(
                method: "POST", url: "\(base)/v1/subscriptions/\(subscription)",
                headers: [
                    ("Authorization", "Bearer sk_test_rig"), ("Content-Type", "application/x-www-form-urlencoded"),
                ],
                body: Array("billing_cycle_anchor[type]=now&proration_behavior=none".utf8)))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// Moves both clocks.
    func advance(hours: Int64) async throws {
        rig.time.advance(seconds: hours * 3_600)
        try await post("clock", "{\"now\": \(rig.time.milliseconds / 1000)}")
    }

    /// What Stripe has of an hour, by the meter's event name.
    func recorded(_ eventName: String, customer: String, hour: Int64) async throws -> Double {
        let meter = try #require(try await client.meters(eventName: eventName).first)
        return try await client.eventSummaries(
            meter: meter.id, customer: customer, fromHour: hour, toHour: hour + 1
        ).reduce(0) { $0 + $1.aggregatedValue }
    }

    /// How many requests of a route the sandbox has counted.
    func requests(_ route: String) async throws -> Int? {
        let answer = try await http.send(HTTPRequest(method: "GET", url: "\(base)/_sandbox/state"))
        let state = try JSONDecoder().decode(State.self, from: Data(answer.body))
        return state.requests[route]
    }

    private struct State: Decodable {
        let requests: [String: Int]
    }
}
