import Billing
import Metering
import RedisLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// What is given back of a period whose usage records are billed, against the project's own stand-in for Stripe: none
/// of it is lost, although no usage record is below zero.
@Suite struct CreditTests {
    private static let catalogue = Rig.billing(["tokens": StripeMeter(price: "price_tokens")])

    /// A tenant of whom 20 were billed for a period that is over since two hours, and of which all but `left` were
    /// given back since.
    private struct Billed {
        let run: SandboxRun
        /// The first hour of the next period, since 1970.
        let first: Int64

        init(left: Int64) async throws {
            let anchor = (Rig.hour - 700) * 3600
            run = try await SandboxRun(
                CreditTests.catalogue,
                seed: """
                    {"customers":[{"id":"cus_acme"}],
                    "products":[{"id":"prod_a","name":"A"}],
                    "prices":[{"id":"price_tokens","product":"prod_a","usage_type":"metered","aggregate_usage":"sum"}],
                    "subscriptions":[{"id":"sub_acme","customer":"cus_acme",
                    "items":[{"id":"si_tokens","price":"price_tokens"}],"billing_cycle_anchor":\(anchor)}]}
                    """)
            try await run.rig.put("acme", period: try await Self.period(run), subscription: "sub_acme")
            let old = Rig.hour - 3
            try await run.rig.owe("acme", "tokens", hour: old, total: 20)
            _ = try await run.flusher.flush()
            let end = try await Self.period(run).1
            first = end / 3600
            try await run.advance(hours: first - Rig.hour + 2)
            try await run.rig.put("acme", period: try await Self.period(run), subscription: "sub_acme")
            try await run.rig.owe("acme", "tokens", hour: old, total: left)
        }

        static func period(_ run: SandboxRun) async throws -> (Int64, Int64) {
            let subscription = try await run.client.subscription("sub_acme", isForUsageRecords: true)
            return (try #require(subscription.periodStart), try #require(subscription.periodEnd))
        }

        func use(_ total: Int64, hoursAfterFirst hours: Int64) async throws {
            try await run.rig.owe("acme", "tokens", hour: first + hours, total: total)
        }

        /// Sends all that can be, and says what Stripe has of each period, the newest first.
        func billed() async throws -> [Int64] {
            for _ in 1...5 { _ = try await run.flusher.flush() }
            return try await run.client.usageRecordSummaries(item: "si_tokens").map(\.totalUsage)
        }

        /// What is owed, by hours after the first.
        func owed() async throws -> [Int64: Int64] {
            let hours = try await run.rig.owed("acme")
            return Dictionary(uniqueKeysWithValues: hours.map { ($0.key.hour - first, $0.total) })
        }
    }

    @Test func `a credit lowers the hours of the next period as they get usage`() async throws {
        let billed = try await Billed(left: 8)
        try await billed.use(3, hoursAfterFirst: 0)
        try await billed.use(4, hoursAfterFirst: 1)
        #expect(try await billed.billed() == [0, 20])
        #expect(try await billed.owed() == [0: -5], "what is left waits for usage")
        let report = try await billed.run.flusher.flush()
        #expect(report.sent == 0 && report.waiting.map(\.state) == ["credit"])
        try await billed.use(11, hoursAfterFirst: 2)
        #expect(try await billed.billed() == [6, 20], "3 + 4 + 11 less the 12 that were given back")
        #expect(try await billed.owed() == [:])
        try await billed.use(12, hoursAfterFirst: 2)
        #expect(try await billed.billed() == [7, 20])
    }

    @Test func `what was given back of an hour that carries a credit is carried by another`() async throws {
        let billed = try await Billed(left: 8)
        try await billed.use(10, hoursAfterFirst: 1)
        #expect(try await billed.billed() == [0, 20])
        try await billed.use(6, hoursAfterFirst: 1)
        try await billed.use(9, hoursAfterFirst: 2)
        #expect(try await billed.billed() == [3, 20])
        #expect(try await billed.owed() == [:])
    }

    @Test func `a credit that was needed after all is charged again`() async throws {
        let billed = try await Billed(left: 8)
        try await billed.use(10, hoursAfterFirst: 1)
        #expect(try await billed.billed() == [0, 20])
        // A sidecar comes back and tells of 9 more of the old period.
        try await billed.run.rig.owe("acme", "tokens", hour: Rig.hour - 3, total: 17)
        #expect(try await billed.billed() == [7, 20])
        #expect(try await billed.owed() == [:])
    }

    @Test func `what a whole period cannot carry goes to the one after it`() async throws {
        let billed = try await Billed(left: 8)
        try await billed.use(5, hoursAfterFirst: 1)
        #expect(try await billed.billed() == [0, 20])
        let end = try await Billed.period(billed.run).1
        try await billed.run.advance(hours: end / 3600 - billed.first)
        try await billed.run.rig.put("acme", period: try await Billed.period(billed.run), subscription: "sub_acme")
        try await billed.run.rig.owe("acme", "tokens", hour: end / 3600 + 1, total: 30)
        #expect(try await billed.billed() == [23, 0])
        #expect(try await billed.owed() == [:])
    }

    @Test func `a credit is nothing that is waited for`() async throws {
        let billed = try await Billed(left: 0)
        _ = try await billed.billed()
        #expect(await billed.run.flusher.status.oldestOwed == nil)
        let states = try await billed.run.flusher.states(of: try await billed.run.rig.owed("acme"))
        #expect(states == [.credit])
    }
}
