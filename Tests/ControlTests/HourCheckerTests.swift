import RedisLink
import TestSupport
import Testing

@testable import Control

/// Each closed hour compared once with Stripe, against a real Redis and the real sandbox.
@Suite struct HourCheckerTests {
    private static let afterChecks: Int64 = 7 * 3600

    @Test func `an hour that Stripe has as it acknowledged it is compared once`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        for age in 0..<3 { try await sandbox.rig.owe("acme", hour: hour - Int64(age), total: 40) }
        _ = try await sandbox.flusher.flush()
        let checker = sandbox.checker()
        try await checker.round()
        // Nothing is due yet.
        #expect(await checker.status == CheckStatus())
        #expect(try await sandbox.due(hour: hour) != nil)
        sandbox.ahead.advance(seconds: Self.afterChecks)
        try await checker.round()
        // One read of the meters, and one for all hours.
        #expect(await checker.status == CheckStatus(equal: 3, reads: 2))
        #expect(try await sandbox.rig.store.checkCount() == 0)
        let standing = try #require(
            try await sandbox.rig.store.standings(tenant: "acme", meter: "messages", from: hour, to: hour + 1).first)
        #expect(standing.hour.identifier == nil && standing.hour.acknowledged == 40 && !standing.isOwed)
        try await checker.round()
        #expect(await checker.status.reads == 2)
    }

    @Test func `an hour that Stripe has otherwise is owed again, sent again and then compared again`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 40)
        try await sandbox.rig.owe("acme", hour: hour - 1, total: 30)
        _ = try await sandbox.flusher.flush()
        try await sandbox.sendForeignEvent(hour: hour, value: 7)
        sandbox.ahead.advance(seconds: Self.afterChecks)
        let checker = sandbox.checker()
        try await checker.round()
        #expect(await checker.status == CheckStatus(equal: 1, mismatched: 1, reads: 2))
        #expect(try await sandbox.rig.owed("acme").map(\.key.hour) == [hour])
        #expect(sandbox.rig.logs.lines.contains { $0.contains("owed again") })
        _ = try await sandbox.flusher.flush()
        #expect(try await sandbox.recorded(hour: hour) == 40)
        #expect(try await sandbox.due(hour: hour) != nil)
        sandbox.ahead.advance(seconds: Self.afterChecks)
        try await checker.round()
        #expect(await checker.status == CheckStatus(equal: 2, mismatched: 1, reads: 4))
        #expect(try await sandbox.rig.store.checkCount() == 0)
    }

    @Test func `hours of other daemons' partitions are left to them`() async throws {
        let sandbox = try await SandboxRig()
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: sandbox.hour - 2, total: 40)
        _ = try await sandbox.flusher.flush()
        sandbox.ahead.advance(seconds: Self.afterChecks)
        let checker = sandbox.checker { _ in false }
        try await checker.round()
        #expect(await checker.status == CheckStatus())
        #expect(try await sandbox.rig.store.checkCount() == 1)
    }

    @Test func `a tenant that cannot be read waits for its next turn and holds up nobody else`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.put("globex")
        for tenant in ["acme", "globex"] { try await sandbox.rig.owe(tenant, hour: hour, total: 40) }
        _ = try await sandbox.flusher.flush()
        try await sandbox.rig.put("acme", customer: "cus_gone")
        sandbox.ahead.advance(seconds: Self.afterChecks)
        let checker = sandbox.checker()
        let before = sandbox.context.now() / 1000
        try await checker.round()
        let status = await checker.status
        #expect(status.equal == 1 && status.failed == 1)
        #expect(try await sandbox.due("globex", hour: hour) == nil)
        let due = try #require(try await sandbox.due(hour: hour)) - 6 * 3600
        #expect(due >= before && due <= sandbox.context.now() / 1000)
    }

    @Test func `while Stripe cannot be read nothing is asked of it until a wait is over`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.owe("acme", total: 40)
        let flusher = rig.flusher()
        _ = try await flusher.flush()
        rig.time.advance(seconds: Self.afterChecks)
        rig.stripe.setMeterAnswer(ScriptedStripe.refused(401, "no such key"))
        let checker = HourChecker(context: rig.context, configuration: rig.configuration, flusher: flusher)
        let before = rig.stripe.readings
        try await checker.round()
        try await checker.round()
        #expect(rig.stripe.readings == before + 1)
        #expect(await checker.status.failed == 1)
        #expect(try await rig.store.checkCount() == 1)
        rig.time.advance(seconds: 3)
        try await checker.round()
        #expect(rig.stripe.readings == before + 2)
    }

    @Test func `an hour that went to another customer is explained, and never owed again`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        try await sandbox.rig.owe("acme", hour: hour, total: 40)
        _ = try await sandbox.flusher.flush()
        try await sandbox.rig.put("acme", customer: "cus_globex")
        sandbox.ahead.advance(seconds: Self.afterChecks)
        let checker = sandbox.checker()
        try await checker.round()
        #expect(await checker.status == CheckStatus(reads: 2))
        #expect(try await sandbox.rig.store.checkCount() == 0)
        let page = try await sandbox.reconcile { $0.fixes = true }
        #expect(page.counts == ["elsewhere": 1] && page.fixed == 0 && !page.hasFault)
        #expect(try await sandbox.rig.owed("acme").isEmpty)
    }

    @Test func `only hours that are due are owed again, and the meters are not read each time`() async throws {
        let sandbox = try await SandboxRig()
        let hour = sandbox.hour - 2
        try await sandbox.rig.put("acme")
        for age in 0..<3 { try await sandbox.rig.owe("acme", hour: hour - Int64(age), total: 40) }
        _ = try await sandbox.flusher.flush()
        for age in 0..<3 { try await sandbox.sendForeignEvent(hour: hour - Int64(age), value: 7) }
        let keys = sandbox.rig.store.keys
        let checks = keys[keys.partition(of: "acme")].checks
        func due(_ ages: [Int64]) async throws {
            _ = try await sandbox.rig.store.client.command(["DEL", checks])
            for age in ages {
                let member = KeySpace.owedMember(hour: hour - age, meter: "messages", tenant: "acme")
                _ = try await sandbox.rig.store.client.command(["ZADD", checks, "1", member])
            }
        }
        let checker = sandbox.checker()
        try await due([0, 2])
        try await checker.round()
        #expect(try await sandbox.rig.owed("acme").map(\.key.hour).sorted() == [hour - 2, hour])
        #expect(await checker.status == CheckStatus(mismatched: 2, reads: 2))
        try await due([1])
        try await checker.round()
        #expect(await checker.status == CheckStatus(mismatched: 3, reads: 3))
    }

    @Test func `a tenant whose read fails time and again is put off, and the next has its turn`() async throws {
        let rig = try await Rig()
        for tenant in ["acme", "globex"] {
            try await rig.put(tenant)
            try await rig.owe(tenant, total: 40)
        }
        let flusher = rig.flusher()
        _ = try await flusher.flush()
        let keys = rig.store.keys
        func due(_ tenant: String, _ at: Int64) async throws {
            let member = KeySpace.owedMember(hour: Rig.hour - 1, meter: "messages", tenant: tenant)
            _ = try await rig.store.client.command(
                ["ZADD", keys[keys.partition(of: tenant)].checks, String(at), member])
        }
        try await due("acme", 1)
        try await due("globex", 2)
        rig.stripe.setMeterAnswer(ScriptedStripe.refused(401, "no such key"))
        let checker = HourChecker(context: rig.context, configuration: rig.configuration, flusher: flusher)
        let all = Array(0..<16)
        let now = rig.context.now() / 1000
        for _ in 0..<3 {
            #expect(try await rig.store.dueChecks(all, by: now, limit: 10).count == 2)
            try await checker.round()
            rig.time.advance(seconds: 120)
        }
        let left = try await rig.store.dueChecks(all, by: now + 600, limit: 10)
        #expect(left.map(\.key.tenant) == ["globex"])
        #expect(try await rig.store.checkCount() == 2)
    }

    @Test func `a comparison that was due ends only if the hour was not acknowledged again`() async throws {
        let rig = try await Rig()
        let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: Rig.hour)
        let keys = rig.store.keys
        let partition = keys.partition(of: "acme")
        let member = KeySpace.owedMember(hour: Rig.hour, meter: "messages", tenant: "acme")
        _ = try await rig.store.client.command(["ZADD", keys[partition].checks, "100", member])
        let due = try await rig.store.dueChecks([partition], by: 100, limit: 10)
        #expect(due.map(\.key) == [key] && due.map(\.dueAt) == [100])
        _ = try await rig.store.client.command(["ZADD", keys[partition].checks, "200", member])
        try await rig.store.endChecks(due)
        try await rig.store.putOffChecks(due, until: 150)
        #expect(try await rig.store.checkCount() == 1)
        #expect(try await rig.store.dueChecks([partition], by: 199, limit: 10).isEmpty)
        try await rig.store.endChecks(try await rig.store.dueChecks([partition], by: 200, limit: 10))
        #expect(try await rig.store.checkCount() == 0)
    }

    @Test func `due hours are read together as far as one read goes`() {
        func check(_ tenant: String, _ hour: Int64, due: Int64 = 5) -> DueCheck {
            DueCheck(key: StoredHour.Key(tenant: tenant, meter: "messages", hour: hour), dueAt: due)
        }
        let batches = HourChecker.batches([
            check("b", 10, due: 9), check("a", 200), check("a", 101), check("a", 199), check("a", 100),
        ])
        #expect(batches.map { $0.map(\.key.hour) } == [[100, 101, 199], [200], [10]])
    }
}
