import ArgumentParser
import FoundationEssentials
import RESP

/// Where the gate is.
struct GateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gate's socket (default: TOLLGATE_SOCKET, else ./var/gate.sock, else /run/tollgate/gate.sock).",
            valueName: "path"))
    var socket: String?

    /// Connects, asks one thing and returns the reply. An error reply is thrown.
    ///
    /// - Parameter counts: whether the call counts something, which a lost reply leaves open.
    func ask(_ arguments: [String], counts: Bool = false) throws(CommandFailure) -> RESPValue {
        let candidates = DaemonSocket.gate.candidates(
            option: socket, environment: ProcessInfo.processInfo.environment)
        var connection = GateConnection(try DaemonSocket.gate.connect(candidates))
        return try connection.call(arguments, counts: counts)
    }
}
