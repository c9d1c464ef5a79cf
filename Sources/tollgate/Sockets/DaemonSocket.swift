/// The two sockets of the daemon, and where to look for them.
enum DaemonSocket: Sendable {
    case gate
    case control

    /// The longest that a single wait on a socket takes, in seconds. The daemon bounds its own work far below.
    static let timeoutSeconds = 10

    /// Where a socket is that could be tried, and why it could not be used.
    struct Attempt: Equatable, Sendable {
        let path: String
        let reason: String
    }

    var option: String {
        switch self {
        case .gate: "--socket"
        case .control: "--control"
        }
    }

    var variable: String {
        switch self {
        case .gate: "TOLLGATE_SOCKET"
        case .control: "TOLLGATE_CONTROL"
        }
    }

    /// Where `make run` and where a system's service puts it.
    var usualPaths: [String] {
        switch self {
        case .gate: ["./var/gate.sock", "/run/tollgate/gate.sock"]
        case .control: ["./var/control.sock", "/run/tollgate/control.sock"]
        }
    }

    /// The paths to try, in order. One that somebody named is the only one. An empty variable counts as unset.
    func candidates(option path: String?, environment: [String: String]) -> [String] {
        if let path { return [path] }
        if let path = environment[variable], !path.isEmpty { return [path] }
        return usualPaths
    }

    /// Connects to the first candidate that somebody listens on.
    func connect(_ candidates: [String]) throws(CommandFailure) -> LocalSocket {
        var attempts: [Attempt] = []
        for path in candidates {
            do {
                return try LocalSocket(connectingTo: path, timeoutSeconds: DaemonSocket.timeoutSeconds)
            } catch {
                attempts.append(Attempt(path: path, reason: error.description))
            }
        }
        throw unreachable(attempts)
    }

    /// The first candidate that somebody listens on. Its connection is closed again.
    func reachablePath(_ candidates: [String]) throws(CommandFailure) -> String {
        var attempts: [Attempt] = []
        for path in candidates {
            do {
                _ = try LocalSocket(connectingTo: path, timeoutSeconds: DaemonSocket.timeoutSeconds)
                return path
            } catch {
                attempts.append(Attempt(path: path, reason: error.description))
            }
        }
        throw unreachable(attempts)
    }

    /// What is said when no candidate could be used.
    func unreachable(_ attempts: [Attempt]) -> CommandFailure {
        let tried = attempts.map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
        return CommandFailure(
            """
            could not reach the daemon; tried \(tried)
            Start it with `tollgate serve --config FILE`, or say where it is with \(option) PATH or \(variable).
            """, .unreachable)
    }
}
