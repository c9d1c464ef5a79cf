import Foundation
import Ledger
import TestSupport
import Testing

/// `tollgate ledger show` as a script sees it: which file it takes, and its exit codes.
@Suite struct `The program and a ledger` {
    private func run(
        _ arguments: String..., in directory: String, environment: [String: String] = [:]
    ) async throws -> (status: TestSupport.ExitStatus?, output: String, errorOutput: String) {
        let process = try ChildProcess(
            BinaryUnderTest.tollgate(), ["ledger", "show"] + arguments,
            environment: ["TOLLGATE_STATE_DIR": ""].merging(environment) { $1 }, currentDirectory: directory)
        let status = try await process.waitForExit(within: .seconds(30))
        return (status, process.text(of: .standardOutput), process.text(of: .standardError))
    }

    @Test func `a named ledger is shown, also while its owner has it`() async throws {
        let fixture = try LedgerFixture()
        let owner = try fixture.open()
        let ran = try await run(fixture.path, "--unsettled", in: fixture.directory.path)
        #expect(ran.status == .exited(0), "\(ran.errorOutput)")
        #expect(ran.output.hasPrefix("file         \(fixture.path)\n") && !ran.output.contains("globex"))
        withExtendedLifetime(owner) {}
    }

    @Test func `the state directory of the environment, of the settings or below var is looked in`() async throws {
        let fixture = try LedgerFixture()
        let named = try await run(
            in: "/", environment: ["TOLLGATE_STATE_DIR": fixture.directory.path])
        #expect(named.output.hasPrefix("file         \(fixture.path)\n"), "\(named.errorOutput)")

        let elsewhere = try TemporaryDirectory()
        try elsewhere.write("state_dir: \(fixture.directory.path)\n", to: "tollgate.yaml")
        try elsewhere.write("meters: {}\nplans: {}\n", to: "plans.yaml")
        let configured = try await run("--config", "tollgate.yaml", in: elsewhere.path)
        #expect(configured.output.hasPrefix("file         \(fixture.path)\n"), "\(configured.errorOutput)")

        try FileManager.default.createDirectory(
            atPath: elsewhere.file("var/state"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: fixture.path, toPath: elsewhere.file("var/state/ledger-0.tgl"))
        let usual = try await run(in: elsewhere.path)
        #expect(usual.output.hasPrefix("file         ./var/state/ledger-0.tgl\n"), "\(usual.errorOutput)")
    }

    @Test func `no ledger is wrong usage, and what is none or damaged is a fault`() async throws {
        let fixture = try LedgerFixture()
        let directory = fixture.directory.path
        let missing = try await run("none.tgl", in: directory)
        #expect(missing.status == .exited(2))
        #expect(missing.errorOutput == "tollgate: none.tgl: there is no such file\n")
        let nowhere = try await run("--config", "none.yaml", in: directory)
        #expect(nowhere.status == .exited(2))
        try fixture.damage()
        let damaged = try await run(fixture.path, in: directory)
        #expect(damaged.status == .exited(4))
        #expect(damaged.output.contains("DAMAGED SLOT") && damaged.errorOutput.isEmpty)
        try fixture.directory.write("a diary", to: "ledger-0.tgl")
        let foreign = try await run(fixture.path, "--json", in: directory)
        #expect(foreign.status == .exited(4))
        #expect(foreign.output.isEmpty && foreign.errorOutput.contains("is not a tollgate ledger"))
    }
}
