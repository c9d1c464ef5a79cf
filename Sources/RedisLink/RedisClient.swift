internal import Glibc
internal import RESP
public import Reactor

/// The control plane's way to Redis: async calls, carried out by a reactor thread of their own.
///
/// Nothing here touches the gate's connection, so nothing the control plane asks can delay a decision. A call that is
/// cancelled still waits for its deadline: what was sent cannot be taken back.
public final class RedisClient: Sendable {
    /// How long a call waits for its answer, in microseconds.
    static let deadline: Int64 = 5_000_000
    /// How many calls may be handed over and not yet taken by the thread.
    private static let mailboxCapacity = 65_536

    /// Where this client connects to.
    public let endpoint: RedisEndpoint
    private let mailbox: Mailbox<Message>
    private let thread: LoopThread

    /// One command, and the script it runs if it is a call of one.
    struct Command: Sendable {
        let arguments: [String]
        let script: Script?
    }

    /// Resumes an async caller with the results of its commands, in order.
    typealias Results = CheckedContinuation<[Result<RedisValue, StoreError>], Never>

    enum Message: Sendable {
        case batch([Command], Results)
        case stop
    }

    /// Starts the thread and begins to connect.
    public init(endpoint: RedisEndpoint, name: String) throws(SystemError) {
        let mailbox = try Mailbox<Message>(capacity: Self.mailboxCapacity)
        self.endpoint = endpoint
        self.mailbox = mailbox
        thread = try LoopThread(name: "redis") {
            do throws(SystemError) {
                let loop = try EventLoop()
                let driver = ClientDriver(loop: loop, endpoint: endpoint, name: name)
                try mailbox.attach(to: loop) { driver.receive($0) }
                driver.start()
                try loop.run()
            } catch {
                // Out of descriptors: every call then fails at once.
            }
            for case .batch(_, let results) in mailbox.close() { results.resume(returning: [.failure(.stopped)]) }
        }
    }

    /// Ends the thread; calls still waiting and all later ones fail. Call it once.
    public func close() {
        while !mailbox.post(.stop), !mailbox.isClosed { usleep(1000) }
        thread.join()
    }

    /// Sends one command and returns its answer; an error reply is thrown as `refused`.
    public func command(_ arguments: [String]) async throws(StoreError) -> RedisValue {
        try await send([Command(arguments: arguments, script: nil)]).first ?? .null
    }

    /// Runs a script.
    func run(_ script: Script, keys: [String], _ arguments: [String]) async throws(StoreError) -> RedisValue {
        try await run([ScriptCall(script, keys: keys, arguments)]).first ?? .null
    }

    /// Runs scripts in one pipeline and returns their answers in order; the first error is thrown, and the others have
    /// run all the same.
    func run(_ calls: [ScriptCall]) async throws(StoreError) -> [RedisValue] {
        try await send(
            calls.map {
                Command(arguments: [String($0.keys.count)] + $0.keys + $0.arguments, script: $0.script)
            })
    }

    /// Sends many commands in one pipeline and returns their answers in order; the first error is thrown.
    public func pipeline(_ commands: [[String]]) async throws(StoreError) -> [RedisValue] {
        try await send(commands.map { Command(arguments: $0, script: nil) })
    }

    private func send(_ commands: [Command]) async throws(StoreError) -> [RedisValue] {
        var values: [RedisValue] = []
        values.reserveCapacity(commands.count)
        for result in await outcomes(commands) { values.append(try checked(try result.get())) }
        return values
    }

    /// Sends many commands in one pipeline and returns what came of each; an error reply is an answer. One failure
    /// alone stands for all when none was sent.
    func outcomes(_ commands: [Command]) async -> [Result<RedisValue, StoreError>] {
        guard !commands.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            if !mailbox.post(.batch(commands, continuation)) {
                let full = StoreError(.unavailable, "too many calls wait for Redis")
                continuation.resume(returning: [.failure(mailbox.isClosed ? .stopped : full)])
            }
        }
    }

    /// An error reply as an error.
    private func checked(_ value: RedisValue) throws(StoreError) -> RedisValue {
        guard case .error(let text) = value else { return value }
        throw StoreError(RedisReply.isPassing(text) ? .unavailable : .refused, "Redis: \(text)")
    }
}
