import RESP
import Synchronization

/// A real `redis-server` of one's own in a temporary directory, on a Unix socket. It is killed when the object goes.
public final class RedisServer: Sendable {
    /// The path of its socket.
    public let socketPath: String
    /// Its TCP port on 127.0.0.1, if it was asked for.
    public let port: Int?
    /// Where its files are.
    public let directory: TemporaryDirectory

    private let executable: String
    private let client: String
    private let process: Mutex<ChildProcess>

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - options: lines of its configuration: `appendonly yes`. It saves nothing unless they say so.
    ///   - listensOnTCP: whether it also listens on a free port of 127.0.0.1.
    /// - Throws: ``TestFailure``, naming the package to install if there is no Redis.
    public static func start(_ options: [String] = [], listensOnTCP: Bool = false) async throws -> RedisServer {
        let server = try RedisServer(options, port: listensOnTCP ? UnixSocket.freeLoopbackPort() : nil)
        try await server.waitUntilReady()
        return server
    }

    private init(_ options: [String], port: Int?) throws {
        executable = try Executable.installed("redis-server", package: "redis-server")
        client = try Executable.installed("redis-cli", package: "redis-tools")
        directory = try TemporaryDirectory()
        socketPath = directory.file("redis.sock")
        self.port = port
        let lines = [
            "port \(port ?? 0)", "bind 127.0.0.1", "unixsocket \(socketPath)", "dir \(directory.path)", "save \"\"",
        ]
        try directory.write((lines + options).joined(separator: "\n") + "\n", to: "redis.conf")
        process = Mutex(try ChildProcess(executable, [directory.file("redis.conf")]))
    }

    /// The server's process.
    public var child: ChildProcess { process.withLock { $0 } }

    /// A new connection to it.
    public func connect() throws -> GateClient { try GateClient(socketPath) }

    /// Runs `redis-cli` with these arguments and returns what it prints, without the line end behind it.
    public func cli(_ arguments: String...) async throws -> String {
        let run = try ChildProcess(client, ["-s", socketPath] + arguments)
        let status = try await run.waitForExit()
        guard status == .exited(0) else {
            throw TestFailure("redis-cli \(arguments): \(String(describing: status)) \(run.text(of: .standardError))")
        }
        let output = run.text(of: .standardOutput)
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// Stops it where it stands: connections stay open and nothing answers.
    public func freeze() { child.freeze() }

    /// Lets it go on. What had come meanwhile is executed.
    public func thaw() { child.thaw() }

    /// Kills it without a chance to save.
    public func kill() { child.kill() }

    /// Asks it to end, and waits for that.
    public func stop() async throws { try await child.terminate() }

    /// Starts it again on its socket and files, after killing it if it runs, and waits until it answers.
    public func restart() async throws {
        kill()
        let next = try ChildProcess(executable, [directory.file("redis.conf")])
        process.withLock { $0 = next }
        try await waitUntilReady()
    }

    private func waitUntilReady() async throws {
        try await eventually(within: .seconds(20), "redis-server on \(socketPath) answers PING") {
            guard child.isRunning else {
                let output = child.text(of: .standardError) + child.text(of: .standardOutput)
                throw TestFailure("redis-server ended at its start: \(output)")
            }
            return answersPing()
        }
    }

    /// False also while it loads its files, which it says with an error, and before it listens. A server that asks
    /// for a password is ready too.
    private func answersPing() -> Bool {
        do {
            let reply = try connect().call("PING")
            return reply == .simple("PONG") || reply.errorText?.hasPrefix("NOAUTH") == true
        } catch {
            return false
        }
    }
}
