import Foundation
import HTTPLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// The whole way to the project's own stand-in for Stripe, over real HTTP.
@Suite struct SandboxTests {
    @Test func `what was counted arrives at the sandbox, and grows with the total`() async throws {
        let child = try ChildProcess(try BinaryUnderTest.stripeSandbox(), ["--listen", "127.0.0.1:0"])
        let line = try await child.waitForLine(containing: "listening on ", in: .standardOutput)
        let base = try #require(line.split(separator: " ").last.map { String($0) })
        let http = try HTTPClient()
        defer { http.shutdown() }
        let seed = """
            {"customers":[{"id":"cus_acme"}],
            "meters":[{"event_name":"messages_used","formula":"sum","event_time_window":"hour"}]}
            """
        let planted = try await http.send(
            HTTPRequest(
                method: "POST", url: "\(base)/_sandbox/seed", headers: [("Content-Type", "application/json")],
                body: Array(seed.utf8)))
        #expect(planted.status == 200, "\(String(decoding: planted.body, as: UTF8.self))")
        let rig = try await Rig()
        let client = StripeClient(
            configuration: StripeConfiguration(
                apiBase: base, secretKey: try #require(StripeSecretKey("sk_test_rig")),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")),
            transport: http)
        var context = rig.context
        context.stripe = client
        context.now = ControlContext.systemTime
        let hour = ControlContext.systemTime() / 3_600_000 - 1
        try await rig.put("acme")
        try await rig.owe("acme", hour: hour, total: 41)
        let flusher = rig.flusher(context)
        #expect(try await flusher.flush().acknowledged == 1)
        try await rig.owe("acme", hour: hour, total: 43)
        #expect(try await flusher.flush().units == 2)
        let meter = try #require(try await client.meters(eventName: "messages_used").first)
        let summaries = try await client.eventSummaries(
            meter: meter.id, customer: "cus_acme", fromHour: hour, toHour: hour + 1)
        #expect(summaries.map(\.aggregatedValue) == [43])
    }
}
