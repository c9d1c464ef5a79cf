import TestSupport
import Testing

@testable import tollgate

@Suite struct `Finding the daemon` {
    @Test func `an option goes before the environment, and that before the usual places`() {
        let environment = ["TOLLGATE_SOCKET": "/e/gate.sock", "TOLLGATE_CONTROL": ""]
        #expect(DaemonSocket.gate.candidates(option: "/o.sock", environment: environment) == ["/o.sock"])
        #expect(DaemonSocket.gate.candidates(option: nil, environment: environment) == ["/e/gate.sock"])
        #expect(
            DaemonSocket.control.candidates(option: nil, environment: environment)
                == ["./var/control.sock", "/run/tollgate/control.sock"])
        #expect(
            DaemonSocket.gate.candidates(option: nil, environment: [:])
                == ["./var/gate.sock", "/run/tollgate/gate.sock"])
    }

    @Test func `a daemon that is nowhere is told with each place and what to do`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "file")
        let failure = try #require(throws: CommandFailure.self) {
            _ = try DaemonSocket.control.reachablePath([directory.file("none"), directory.file("file")])
        }
        #expect(failure.outcome == .unreachable)
        #expect(
            failure.message == """
                could not reach the daemon; tried \(directory.file("none")) (no such socket), \
                \(directory.file("file")) (nobody listens there)
                Start it with `tollgate serve --config FILE`, or say where it is with --control PATH or \
                TOLLGATE_CONTROL.
                """)
    }

    @Test func `a path that no socket can have is refused`() throws {
        let failure = try #require(throws: CommandFailure.self) {
            _ = try DaemonSocket.gate.reachablePath([String(repeating: "a", count: 108)])
        }
        #expect(failure.message.contains("a socket's path has at most 107 bytes"))
    }
}
