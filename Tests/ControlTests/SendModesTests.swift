import Metering
import RedisLink
import TestSupport
import Testing

@testable import Control

/// Each way of sending, against the project's own stand-in for Stripe.
@Suite struct SendModesTests {
    private static let seed = """
        {"customers":[{"id":"cus_acme"}],
        "meters":[{"event_name":"messages_used","formula":"sum","event_time_window":"hour"},
        {"event_name":"tokens_used","formula":"sum"}]}
        """

    /// `messages` goes out as hourly totals and `tokens` as ranges.
    private static let catalogue = Rig.billing([
        "messages": StripeMeter(eventName: "messages_used"),
        "tokens": StripeMeter(mode: .sum, eventName: "tokens_used"),
    ])

    @Test func `ranges add up to the total, up and down`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        try await run.rig.put("acme")
        for total: Int64 in [5, 9, 7, 7, 12] {
            try await run.rig.owe("acme", "tokens", total: total)
            _ = try await run.flusher.flush()
            #expect(try await run.recorded("tokens_used", customer: "cus_acme", hour: Rig.hour - 1) == Double(total))
        }
        #expect(try await run.rig.owed("acme").isEmpty)
    }

    @Test(arguments: [("messages", "messages_used"), ("tokens", "tokens_used")])
    func `what comes after the books have closed goes out with the next period, once`(meter: String, event: String)
        async throws
    {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        // The period ended at ten past, 20 hours ago.
        let edge = (Rig.hour - 20) * 3600 + 600
        try await run.rig.put("acme", period: (edge, edge + 14 * 86_400))
        let flusher = run.flusher
        try await run.rig.owe("acme", meter, hour: Rig.hour - 1, total: 3)
        try await run.rig.owe("acme", meter, hour: Rig.hour - 40, total: 10)
        try await run.rig.owe("acme", meter, hour: Rig.hour - 30, total: 4)
        let report = try await flusher.flush()
        #expect(report.acknowledged == 1 && report.failed == 0)
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 40) == 0)
        _ = try await flusher.flush()
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 20) == 14)
        #expect(try await run.rig.owed("acme").isEmpty)
        // A sidecar comes back and tells of more.
        try await run.rig.owe("acme", meter, hour: Rig.hour - 40, total: 11)
        _ = try await flusher.flush()
        _ = try await flusher.flush()
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 20) == 15)
        #expect(try await run.recorded(event, customer: "cus_acme", hour: Rig.hour - 1) == 3)
    }

    @Test func `a late row that Redis forgot is made again, the same`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        let edge = (Rig.hour - 20) * 3600
        try await run.rig.put("acme", period: (edge, edge + 14 * 86_400))
        try await run.rig.owe("acme", hour: Rig.hour - 40, total: 10)
        _ = try await run.flusher.flush()
        _ = try await run.flusher.flush()
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 20) == 10)
        // Redis goes back to before, in another life, and what it forgot is told again.
        let keys = run.rig.store.keys
        for hour in [Rig.hour - 40, Rig.hour - 20] {
            _ = try await run.rig.store.client.command(["DEL", keys.day("acme", "messages", day: hour / 24)])
        }
        _ = try await run.rig.store.client.command(
            ["HSET", keys.life(keys.partition(of: "acme")), "born", "7", "until", "0"])
        try await run.rig.owe("acme", hour: Rig.hour - 40, total: 10)
        try await run.rig.owe("acme", hour: Rig.hour - 20, total: 1)
        for _ in 1...3 { _ = try await run.flusher.flush() }
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 20) == 11)
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 40) == 0)
    }

    @Test func `a row that is late for two periods is carried on`() async throws {
        let run = try await SandboxRun(Self.catalogue, seed: Self.seed)
        // Periods of a day; the one that runs began five hours ago.
        let start = (Rig.hour - 5) * 3600
        try await run.rig.put("acme", period: (start, start + 86_400))
        try await run.rig.owe("acme", hour: Rig.hour - 60, total: 6)
        for _ in 1...4 { _ = try await run.flusher.flush() }
        #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: Rig.hour - 5) == 6)
        for hour in [Rig.hour - 60, Rig.hour - 53, Rig.hour - 29] {
            #expect(try await run.recorded("messages_used", customer: "cus_acme", hour: hour) == 0)
        }
        #expect(try await run.rig.owed("acme").isEmpty)
    }
}
