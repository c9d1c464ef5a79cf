import ArgumentParser
import FoundationEssentials

/// Where the control API is.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The control API's socket (default: TOLLGATE_CONTROL, else ./var/control.sock, else \
            /run/tollgate/control.sock).
            """, valueName: "path"))
    var control: String?

    /// A client of the first socket that somebody listens on.
    func client() throws(CommandFailure) -> ControlClient {
        let candidates = DaemonSocket.control.candidates(
            option: control, environment: ProcessInfo.processInfo.environment)
        return try ControlClient(socket: DaemonSocket.control.reachablePath(candidates))
    }
}
