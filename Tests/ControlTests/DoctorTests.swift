import Foundation
import Metering
import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct DoctorTests {
    @Test func `a sound installation has no fault`() async throws {
        let rig = try await Rig(redisOptions: ["appendonly yes"], isRealTime: true)
        try await rig.put("acme")
        try await rig.serve { api in
            let answer = try await api.get("/v1/doctor")
            #expect(answer.status == 200)
            let checks = try JSONDecoder().decode(DoctorReport.self, from: Data(answer.text.utf8)).checks
            let faults = checks.filter { $0.status != .ok }.map(\.name)
            // No gate serves in this test.
            #expect(faults == ["gate socket"])
            #expect(checks.map(\.name).contains("redis append-only file"))
            #expect(checks.map(\.name).contains("meter messages"))
            #expect(checks.map(\.name).contains("customers"))
        }
    }

    @Test func `an evicting policy, no append-only file and a clock that is off are said`() async throws {
        let rig = try await Rig(redisOptions: ["maxmemory-policy allkeys-lru"])
        let report = await rig.context.doctor.report()
        #expect(Self.status(report, "redis") == .ok)
        #expect(Self.status(report, "redis policy") == .fault)
        #expect(Self.status(report, "redis append-only file") == .warning)
        #expect(Self.status(report, "clock") == .warning)
        #expect(report.hasFault)
    }

    @Test func `Redis out of reach is one fault and the other checks are made`() async throws {
        let rig = try await Rig()
        rig.redis.kill()
        let report = await rig.context.doctor.report()
        #expect(Self.status(report, "redis") == .fault)
        #expect(Self.status(report, "state directory") == .ok)
        #expect(Self.status(report, "stripe") == .ok)
        #expect(Self.status(report, "redis policy") == nil)
    }

    @Test func `an unfit meter and a refused key are faults with their reason`() async throws {
        let rig = try await Rig()
        rig.stripe.setMeters([ScriptedStripe.meter("messages_used", window: "null")])
        let unfit = await rig.context.doctor.report().checks.first { $0.name == "meter messages" }
        #expect(unfit?.status == .fault)
        #expect(unfit?.detail.contains("event_time_window") == true)
        rig.stripe.setMeterAnswer(ScriptedStripe.refused(401, "Invalid API Key provided"))
        let refused = await rig.context.doctor.report().checks.first { $0.name == "stripe" }
        #expect(refused?.status == .fault)
        #expect(refused?.detail.contains("Invalid API Key") == true)
    }

    @Test func `no key is a warning while a meter is billed`() async throws {
        let rig = try await Rig(hasKey: false)
        #expect(Self.status(await rig.context.doctor.report(), "stripe") == .warning)
        let unbilled = try await Rig(
            hasKey: false,
            catalogue: Catalogue(meters: [], plans: [Plan(slug: "free", name: "Free")], defaultPlan: "free"))
        #expect(Self.status(await unbilled.context.doctor.report(), "stripe") == .ok)
        #expect(Self.status(await unbilled.context.doctor.report(), "plan catalogue") == .ok)
    }

    @Test func `wide permissions are faults`() async throws {
        let rig = try await Rig()
        try await rig.serve { _ in
            #expect(Self.status(await rig.context.doctor.report(), "control socket") == .ok)
            chmodPath(rig.configuration.socketPath, 0o666)
            #expect(Self.status(await rig.context.doctor.report(), "control socket") == .fault)
        }
        #expect(Self.status(await rig.context.doctor.report(), "control socket") == .fault)
        chmodPath(rig.directory.path, 0o777)
        #expect(Self.status(await rig.context.doctor.report(), "state directory") == .fault)
        chmodPath(rig.directory.path, 0o700)
        #expect(Self.status(await rig.context.doctor.report(), "state directory") == .ok)
    }

    @Test func `two tenants with one customer are a fault`() async throws {
        let rig = try await Rig()
        try await rig.put("acme", customer: "cus_x")
        #expect(Self.status(await rig.context.doctor.report(), "customers") == .ok)
        try await rig.put("globex", customer: "cus_x")
        let check = await rig.context.doctor.report().checks.first { $0.name == "customers" }
        #expect(check?.status == .fault)
        #expect(check?.detail.contains("acme and globex share cus_x") == true)
    }

    @Test func `a catalogue without prices or default plan is a warning, two meters of one event name a fault`()
        async throws
    {
        let paid = Plan(slug: "paid", name: "Paid")
        let poor = try await Rig(catalogue: Catalogue(meters: [], plans: [paid]))
        let check = await poor.context.doctor.report().checks.first { $0.name == "plan catalogue" }
        #expect(check?.status == .warning)
        #expect(check?.detail.contains("default_plan") == true && check?.detail.contains("paid") == true)
        let twins = ["a", "b"].map { Meter(name: $0, kind: .counter, stripe: StripeMeter(eventName: "used")) }
        let doctor = Doctor(
            store: nil, stripe: nil, catalogue: Catalogue(meters: twins, plans: [paid]), paths: poor.context.paths)
        let report = await doctor.report()
        #expect(Self.status(report, "plan catalogue") == .fault)
        #expect(Self.status(report, "redis") == .fault)
    }

    @Test func `what the executable looks at itself stands among the checks`() async throws {
        let rig = try await Rig()
        let check = DoctorReport.Check("ledger", .fault, "it is damaged")
        var context = rig.context
        context.doctorChecks = { [check] }
        let report = await context.doctor.report()
        #expect(report.checks.contains(check))
        #expect(Self.status(await rig.context.doctor.report(), "ledger") == nil)
    }

    private func chmodPath(_ path: String, _ mode: Int) {
        try? FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private static func status(_ report: DoctorReport, _ name: String) -> DoctorReport.Status? {
        report.checks.first { $0.name == name }?.status
    }
}
