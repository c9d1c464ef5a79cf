import Foundation
import HTTPLink
import Metering
import RedisLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// A control plane's surroundings with the project's own stand-in for Stripe, over real HTTP. Time is this host's, by
/// which Redis and the sandbox go, and what the test adds to it.
final class SandboxRig: Sendable {
    let rig: Rig
    let stripe: StripeClient
    let context: ControlContext
    let configuration: ControlConfiguration
    let ahead = ManualTime(milliseconds: 0)
    let flusher: Flusher
    private let child: ChildProcess
    private let http: HTTPClient

    /// - Parameters:
    ///   - mode: of the meter, `window` or `sum`.
    ///   - summaryLag: how long Stripe's summaries are taken to follow behind.
    init(_ mode: StripeMeter.Mode = .window, summaryLag: Duration = .seconds(300)) async throws {
        child = try ChildProcess(try BinaryUnderTest.stripeSandbox(), ["--listen", "127.0.0.1:0"])
        let line = try await child.waitForLine(containing: "listening on ", in: .standardOutput)
        let base = try #require(line.split(separator: " ").last.map { String($0) })
        http = try HTTPClient()
        let window = ",\"event_time_window\":\"hour\""
        let seed = """
            {"customers":[{"id":"cus_acme"},{"id":"cus_globex"}],
            "meters":[{"event_name":"messages_used","formula":"sum"\(mode == .sum ? "" : window)}]}
            """
        let planted = try await http.send(
            HTTPRequest(
                method: "POST", url: "\(base)/_sandbox/seed", headers: [("Content-Type", "application/json")],
                body: Array(seed.utf8)))
        #expect(planted.status == 200, "\(String(decoding: planted.body, as: UTF8.self))")
        let billed = Meter(
            name: "messages", kind: .counter, cycle: .period,
            stripe: StripeMeter(mode: mode, eventName: "messages_used"))
        rig = try await Rig(
            catalogue: Catalogue(
                meters: [billed],
                plans: [Plan(slug: "starter", name: "Starter", limits: ["messages": Limit(value: 1000)])]))
        // A life that began long ago, so that no earlier one can have sent what this one does not know of.
        let life = rig.store.keys.life(rig.store.keys.partition(of: "acme"))
        _ = try await rig.store.client.command(["HSET", life, "born", "1", "until", "0"])
        var configuration = rig.configuration
        configuration.summaryLag = summaryLag
        self.configuration = configuration
        stripe = StripeClient(
            configuration: StripeConfiguration(
                apiBase: base, secretKey: try #require(StripeSecretKey("sk_test_rig")),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")),
            transport: http)
        var context = rig.context
        context.stripe = stripe
        let ahead = ahead
        context.now = { ControlContext.systemTime() + ahead.milliseconds }
        self.context = context
        flusher = Flusher(
            context: context, configuration: configuration,
            claims: PartitionClaims(
                store: context.store, name: context.flusherName, clock: context.clock, logger: context.logger))
    }

    deinit { http.shutdown() }

    /// Hours since the Unix epoch.
    var hour: Int64 { ControlContext.systemTime() / 3_600_000 }

    /// Sends an event that this gate knows nothing of.
    func sendForeignEvent(_ customer: String = "cus_acme", hour: Int64, value: Int64) async throws {
        let identifier = String(UInt64.random(in: .min ... .max))
        _ = try await stripe.createMeterEvent(
            MeterEventRequest(
                eventName: "messages_used", customer: customer, timestamp: hour * 3600, identifier: identifier,
                payload: ["stripe_customer_id": customer, "value": String(value)]),
            idempotencyKey: identifier)
    }

    /// What the sandbox has recorded for an hour.
    func recorded(_ customer: String = "cus_acme", hour: Int64) async throws -> Int64 {
        let meter = try #require(try await stripe.meters(eventName: "messages_used").first)
        return try await stripe.eventSummaries(meter: meter.id, customer: customer, fromHour: hour, toHour: hour + 1)
            .reduce(0) { $0 + Int64($1.aggregatedValue) }
    }

    /// Compares as `POST /v1/billing/reconcile` does.
    func reconcile(_ change: (inout ReconcileQuestion) -> Void = { _ in }) async throws -> ReconcilePage {
        var question = ReconcileQuestion(now: context.now() / 1000)
        change(&question)
        return try await Reconciler(context: context, configuration: configuration, flusher: flusher)
            .page(question, actor: "uid:0")
    }

    func checker(_ isMine: @escaping @Sendable (Int) -> Bool = { _ in true }) -> HourChecker {
        HourChecker(context: context, configuration: configuration, flusher: flusher, isMine: isMine)
    }

    /// When an hour of a tenant is due to be compared; nil when it is not.
    func due(_ tenant: String = "acme", hour: Int64) async throws -> Int64? {
        try await rig.store.standings(tenant: tenant, meter: "messages", from: hour, to: hour + 1).first?.checkAt
    }
}
