import Foundation
import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct DailyReconcileTests {
    private func daily(_ sandbox: SandboxRig, holder: String = "h1") -> DailyReconcile {
        var context = sandbox.context
        context.store = RedisStore(
            client: context.store.client, keys: context.store.keys, origin: AuditOrigin(holderID: holder))
        return DailyReconcile(context: context, configuration: sandbox.configuration, flusher: sandbox.flusher)
    }

    /// Puts the time past the second of the day at which the daemon looks.
    private func passSecond(of holder: String, _ sandbox: SandboxRig) {
        let now = sandbox.context.now() / 1000 % 86_400
        sandbox.ahead.advance(seconds: max(0, DailyReconcile.second(of: holder) - now))
    }

    private func report(_ sandbox: SandboxRig) async throws -> DailyReport? {
        try await sandbox.rig.store.reconcileReport().flatMap { DailyReport(text: $0) }
    }

    @Test func `one daemon makes the day's comparison, once, and keeps its report`() async throws {
        let sandbox = try await SandboxRig()
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: sandbox.hour - 1, total: 4)
        try await sandbox.rig.put("poor", customer: nil)
        try await sandbox.rig.owe("poor", hour: sandbox.hour - 1, total: 4)
        passSecond(of: "h1", sandbox)
        let first = daily(sandbox)
        try await first.runIfDue()
        let report = try #require(try await report(sandbox))
        #expect(report.result.counts["owed"] == 1 && report.result.counts["no_customer"] == 1)
        #expect(report.result.tenants == 2 && report.result.hours == 2 && !report.truncated)
        // Another daemon, and this one after a restart, find the day done.
        let text = try await sandbox.rig.store.reconcileReport()
        try await sandbox.rig.owe("acme", hour: sandbox.hour - 2, total: 4)
        passSecond(of: "h2", sandbox)
        try await daily(sandbox, holder: "h2").runIfDue()
        try await daily(sandbox).runIfDue()
        let after = try await self.report(sandbox)
        if after?.day == report.day { #expect(try await sandbox.rig.store.reconcileReport() == text) }
        sandbox.ahead.advance(seconds: 86_400)
        passSecond(of: "h1", sandbox)
        try await first.runIfDue()
        #expect(try await self.report(sandbox)?.day != report.day)
        #expect(try await self.report(sandbox)?.result.counts["owed"] == 2)
    }

    @Test func `a day is taken by one daemon, until it falls silent`() async throws {
        let rig = try await Rig()
        #expect(try await rig.store.takeReconcile(token: "a", day: 7, seconds: 600))
        #expect(try await rig.store.takeReconcile(token: "a", day: 7, seconds: 600))
        #expect(try await !rig.store.takeReconcile(token: "b", day: 7, seconds: 600))
        #expect(try await !rig.store.endReconcile(token: "b", day: 7, report: "{}"))
        #expect(try await rig.store.takeReconcile(token: "a", day: 7, seconds: 0))
        #expect(try await rig.store.takeReconcile(token: "b", day: 7, seconds: 600))
        #expect(try await !rig.store.endReconcile(token: "a", day: 7, report: "{}"))
        #expect(try await rig.store.endReconcile(token: "b", day: 7, report: "{\"x\":1}"))
        #expect(try await rig.store.reconcileReport() == "{\"x\":1}")
        #expect(try await !rig.store.takeReconcile(token: "a", day: 7, seconds: 600))
        #expect(try await rig.store.takeReconcile(token: "a", day: 8, seconds: 600))
    }

    @Test func `each tenant has its turn once in as many days as the reads allow`() {
        let shares = DailyReconcile.shares(tenants: 10, meters: 2)
        #expect(shares == 30)
        for tenant in ["acme", "globex", "t1"] {
            let turns = (20_000..<20_060).filter {
                DailyReconcile.isTurn(of: tenant, day: $0, shares: shares)
            }
            #expect(turns.count == 2)
        }
        // Nine reads a tenant's meter, a hundred a day.
        #expect(DailyReconcile.shares(tenants: 10_000, meters: 1) == 900)
    }

    @Test func `the last report is told with its counts as metrics`() async throws {
        let rig = try await Rig(hasKey: false)
        var result = ReconcilePage()
        result.counts = ["owed": 2, "unknown": 1]
        let report = DailyReport(
            day: "2026-11-01", startedAt: "2026-11-01T03:00:00Z", endedAt: "2026-11-01T03:00:09Z", duration: 9,
            sampled: 1, truncated: false, result: result)
        #expect(DailyReport(text: report.text) == report)
        #expect(try await rig.store.endReconcile(token: "a", day: 7, report: report.text))
        try await rig.serve { api in
            let answer = try await api.get("/v1/billing/reconcile")
            #expect(answer.status == 200 && answer["result", "counts", "unknown"] == .integer(1))
            let page = try await api.get("/metrics").text
            #expect(page.contains("tollgate_reconcile_differences{explanation=\"unknown\"} 1\n"))
            #expect(page.contains("tollgate_reconcile_last_time_seconds 1793502009\n"))
        }
    }
}
