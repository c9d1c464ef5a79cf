import TestSupport
import Testing

/// The built program, without a daemon: its exit codes, and where its words go.
@Suite struct `The program` {
    private struct Run {
        let status: TestSupport.ExitStatus?
        let output: String
        let errorOutput: String
    }

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Run {
        try await run(BinaryUnderTest.tollgate(), arguments, environment: environment)
    }

    private func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Run
    {
        let nowhere = [
            "TOLLGATE_SOCKET": directory.file("gate.sock"), "TOLLGATE_CONTROL": directory.file("control.sock"),
        ]
        let process = try ChildProcess(
            program, arguments, environment: nowhere.merging(environment) { $1 }, currentDirectory: directory.path)
        let status = try await process.waitForExit(within: .seconds(30))
        return Run(
            status: status, output: process.text(of: .standardOutput), errorOutput: process.text(of: .standardError))
    }

    @Test func `the version is one line, or a document`() async throws {
        let line = try await run("version")
        #expect(line.status == .exited(0))
        #expect(line.output == "tollgate \(Self.version)\n")
        let document = try await run("version", "--json")
        #expect(document.output.hasPrefix(#"{"build":""#))
        #expect(document.output.hasSuffix("\"version\":\"\(Self.version)\"}\n"))
    }

    private static let version = "0.1.0"

    @Test func `help goes to standard output, wrong usage to standard error with 2`() async throws {
        let help = try await run("take", "--help")
        #expect(help.status == .exited(0))
        #expect(help.output.contains("USAGE: tollgate take"))
        #expect(help.errorOutput.isEmpty)
        let wrong = try await run("take", "acme")
        #expect(wrong.status == .exited(2))
        #expect(wrong.output.isEmpty)
        #expect(wrong.errorOutput.hasPrefix("tollgate: Missing expected argument"))
    }

    @Test(arguments: [
        ["check", "acme", "messages"], ["take", "acme", "messages"], ["record", "acme", "messages", "1"],
        ["usage", "acme"], ["tenants"], ["tenant", "show", "acme"], ["tenant", "put", "acme", "--plan", "starter"],
        ["tenant", "rm", "acme"], ["flush"], ["outbox"],
    ])
    func `without a daemon the exit code is 3 and the socket is named`(arguments: [String]) async throws {
        let run = try await run(BinaryUnderTest.tollgate(), arguments)
        #expect(run.status == .exited(3))
        #expect(run.output.isEmpty)
        #expect(run.errorOutput.hasPrefix("tollgate: could not reach the daemon; tried \(directory.path)/"))
        #expect(run.errorOutput.contains("tollgate serve"))
    }

    @Test func `the doctor without a daemon has one fault and ends with 3`() async throws {
        let text = try await run("doctor")
        #expect(text.status == .exited(3))
        #expect(text.output.hasPrefix("fault  daemon  could not reach the daemon; tried \(directory.path)/"))
        let document = try await run("doctor", "--json")
        #expect(document.status == .exited(3))
        #expect(document.output.hasPrefix(#"{"checks":[{"detail":"could not reach the daemon"#))
    }

    @Test func `the sockets are looked for in var when nothing names them`() async throws {
        let run = try await run("usage", "acme", environment: ["TOLLGATE_SOCKET": ""])
        #expect(run.errorOutput.contains("tried ./var/gate.sock (no such socket), /run/tollgate/gate.sock"))
    }

    @Test func `plans are validated with each problem at its place`() async throws {
        try writePlans(limits: "{ mesages: 5 }")
        let text = try await run("plans", "validate", "--plans", "plans.yaml")
        #expect(text.status == .exited(4))
        #expect(text.errorOutput.hasPrefix("tollgate: one problem found\nplans.yaml:5:15: "))
        let document = try await run("plans", "validate", "--plans", "plans.yaml", "--json")
        #expect(document.status == .exited(4))
        #expect(document.output.hasPrefix(#"{"file":"plans.yaml","problems":[{"at":"plans.yaml:5:15","problem":""#))
        try writePlans(limits: "{ messages: 5 }")
        let good = try await run("plans", "validate", "--plans", "plans.yaml")
        #expect(good.status == .exited(0))
        #expect(good.output == "plans.yaml: valid, 1 plans and 1 meters\n")
        #expect(try await run("plans", "show", "--plans", "none.yaml").status == .exited(2))
    }

    private func writePlans(limits: String) throws {
        try directory.write(
            """
            meters: { messages: { kind: counter, per: month } }
            plans:
              a:
                name: A
                limits: \(limits)
            """, to: "plans.yaml")
    }

    @Test func `a reader that has gone ends the program cleanly`() async throws {
        // The FIFO is opened for both ways, so that opening does not wait, and then loses its only reader.
        let script = #"mkfifo fifo && exec 3<>fifo 4>fifo 3>&- && "$0" --help >&4; echo "ended with $?""#
        let run = try await run("/bin/bash", ["-c", script, BinaryUnderTest.tollgate()])
        #expect(run.output == "ended with 0\n")
        #expect(run.errorOutput.isEmpty)
    }

    @Test func `a full disk is a fault`() async throws {
        let run = try await run("/bin/bash", ["-c", #""$0" version > /dev/full"#, BinaryUnderTest.tollgate()])
        #expect(run.status == .exited(4))
        #expect(run.errorOutput.hasPrefix("tollgate: standard output: No space left"))
    }
}
