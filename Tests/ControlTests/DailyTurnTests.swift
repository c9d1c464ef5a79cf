import HTTPLink
import Metering
import RedisLink
import StripeAPI
import Synchronization
import TestSupport
import Testing

@testable import Control

/// Whose turn a daily comparison is, and what it makes of its reads.
@Suite struct DailyTurnTests {
    /// A clock on which nobody waits: each wait does something instead.
    private final class WaitingClock: Clock {
        let work: @Sendable () async throws -> Void
        private let clock = HastyClock()

        init(_ work: @escaping @Sendable () async throws -> Void) { self.work = work }

        var now: ManualClock.Instant { clock.now }
        var minimumResolution: Duration { .zero }

        func sleep(until deadline: ManualClock.Instant, tolerance: Duration?) async throws { try await work() }
    }

    /// A Stripe without usage, which notes for whom it is asked and may fail for some.
    private final class Account: StripeTransport {
        private let state = Mutex((asked: [String](), failing: Set<String>()))

        var asked: [String] { state.withLock { $0.asked } }

        func fail(_ customers: Set<String>) {
            state.withLock {
                $0.failing = customers
                $0.asked = []
            }
        }

        func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
            let customer = request.url.split(separator: "?").last?.split(separator: "&")
                .first { $0.hasPrefix("customer=") }.map { String($0.dropFirst("customer=".count)) }
            let isFailing = state.withLock { state in
                guard let customer else { return false }
                if !state.failing.contains(customer) { state.asked.append(customer) }
                return state.failing.contains(customer)
            }
            let list = customer == nil ? ScriptedStripe.meter("messages_used") : ""
            let text = isFailing ? "{}" : "{\"object\":\"list\",\"data\":[\(list)],\"has_more\":false}"
            return HTTPResponse(status: isFailing ? 500 : 200, body: Array(text.utf8))
        }
    }

    private let rig: Rig
    private let account = Account()
    private let context: ControlContext

    init() async throws {
        rig = try await Rig()
        var context = rig.context
        context.clock = HastyClock()
        context.stripe = StripeClient(
            configuration: StripeConfiguration(
                apiBase: "http://stripe.test", secretKey: try #require(StripeSecretKey("sk_test_rig")),
                limits: StripeLimits(requestsPerSecond: 10_000),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")),
            transport: account)
        self.context = context
    }

    private func daily(_ context: ControlContext) -> DailyReconcile {
        DailyReconcile(context: context, configuration: rig.configuration, flusher: rig.flusher(context))
    }

    private var report: DailyReport? {
        get async throws { try await rig.store.reconcileReport().flatMap { DailyReport(text: $0) } }
    }

    /// So many tenants with an hour each, all of one share.
    private func tenants(_ count: Int, day: Int64) async throws -> [String] {
        let ids = (0...).lazy.map { "t\(100_000 + $0)" }.filter {
            DailyReconcile.isTurn(of: $0, day: day, shares: 30)
        }.prefix(count)
        for id in ids {
            try await rig.put(id)
            try await rig.owe(id, total: 1)
        }
        return Array(ids)
    }

    @Test func `a daemon that loses the turn ends its round, and no more than that`() async throws {
        let store = rig.store
        for number in 1...230 {
            let id = "stranger-\(number)"
            _ = try await store.client.command(
                ["ZADD", store.keys.strangers(store.keys.partition(of: id)), String(number), id])
        }
        var context = context
        context.clock = WaitingClock {
            _ = try await store.client.command(["HSET", "tg:reconcile", "by", "other", "until", "99999999999"])
        }
        let daily = daily(context)
        try await daily.runIfDue()
        #expect(try await store.reconcileReport() == nil)
        #expect(try await store.client.command(["HGET", "tg:reconcile", "by"]) == .string("other"))
    }

    @Test func `a share that the reads do not do for goes on next time where it was cut`() async throws {
        let day = rig.context.now() / 1000 / 86_400
        // Of each as many as nine reads may be needed, and one is made.
        let ids = try await tenants(110, day: day)
        try await daily(context).runIfDue()
        let first = try #require(try await report)
        #expect(first.truncated && first.result.tenants == 110 && first.result.hours == 110)
        let asked = account.asked.map { String($0.dropFirst(4)) }
        #expect(asked == Array(ids.prefix(asked.count)) && first.sampled == asked.count && asked.count < 110)
        #expect(first.cuts == [String(day % 30): asked.last ?? ""])
        // The share's next turn, past the second of the day at which the daemon looks.
        let second = rig.context.now() / 1000 % 86_400
        rig.time.advance(seconds: 30 * 86_400 + max(0, DailyReconcile.second(of: "h1") - second))
        for id in ids { try await rig.owe(id, hour: Rig.hour + 30 * 24 - 1, total: 1) }
        account.fail([])
        try await daily(context).runIfDue()
        let again = account.asked.map { String($0.dropFirst(4)) }
        #expect(again.first == ids[asked.count])
        #expect(Set(asked + again) == Set(ids))
        #expect(try await report?.result.tenants == 110)
    }

    @Test func `while Stripe cannot be read the day's comparison goes on without it`() async throws {
        let day = rig.context.now() / 1000 / 86_400
        let ids = try await tenants(3, day: day)
        account.fail(["cus_\(ids[1])"])
        try await daily(context).runIfDue()
        let report = try #require(try await report)
        #expect(report.truncated && report.result.hours == 3 && report.result.tenants == 3)
        #expect(report.result.counts["owed"] == 3)
        #expect(rig.logs.lines.contains { $0.contains("goes without") })
    }

    @Test func `a run goes on past a tenant that cannot be read, and fails when Stripe cannot`() async throws {
        let ids = try await tenants(5, day: 0)
        func page() async throws -> ReconcilePage {
            try await Reconciler(
                context: context, configuration: rig.configuration, flusher: rig.flusher(context)
            ).page(ReconcileQuestion(now: context.now() / 1000), actor: "uid:0")
        }
        account.fail(["cus_\(ids[1])", "cus_\(ids[2])"])
        let found = try await page()
        #expect(found.tenants == 5 && found.failed == 2 && found.hasFault)
        #expect(found.failures.map(\.tenant) == [ids[1], ids[2]])
        #expect(account.asked.count == 3)
        account.fail(Set(ids.map { "cus_\($0)" }))
        await #expect(throws: StripeRecords.Failure.self) { try await page() }
    }
}
