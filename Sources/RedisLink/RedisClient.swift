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

    enum Message: Sendable {
        case call(PendingCommand)
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
                // Out of descriptors at start: every call then meets its deadline, and says so.
            }
        }
    }

    /// Ends the thread; calls still waiting fail.
    public func close() {
        while !mailbox.post(.stop) { usleep(1000) }
        thread.join()
    }

    /// Sends one command and returns its answer; an error reply is thrown as `refused`.
    public func command(_ arguments: [String]) async throws(StoreError) -> RedisValue {
        try await send(arguments, script: nil)
    }

    /// Runs a script.
    func run(_ script: Script, keys: [String], _ arguments: [String]) async throws(StoreError) -> RedisValue {
        try await send([String(keys.count)] + keys + arguments, script: script)
    }

    /// Sends many commands in one pipeline and returns their answers in order; the first error reply is thrown.
    public func pipeline(_ commands: [[String]]) async throws(StoreError) -> [RedisValue] {
        let results = await withTaskGroup(of: (Int, Result<RedisValue, StoreError>).self) { group in
            for (index, command) in commands.enumerated() {
                group.addTask {
                    do throws(StoreError) {
                        return (index, .success(try await self.command(command)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var results = [Result<RedisValue, StoreError>?](repeating: nil, count: commands.count)
            for await (index, result) in group { results[index] = result }
            return results
        }
        var values: [RedisValue] = []
        for case .some(let result) in results { values.append(try result.get()) }
        return values
    }

    private func send(_ arguments: [String], script: Script?) async throws(StoreError) -> RedisValue {
        let result = await withCheckedContinuation { continuation in
            let command = PendingCommand(arguments: arguments, script: script, continuation: continuation)
            if !mailbox.post(.call(command)) {
                continuation.resume(returning: .failure(StoreError(.unavailable, "too many calls wait for Redis")))
            }
        }
        let value = try result.get()
        if case .error(let text) = value {
            // LOADING, READONLY and the like pass; a wrong command would not, but none is sent.
            let passing = ["LOADING", "BUSY", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "OOM", "MISCONF"]
            let isPassing = passing.contains { text.hasPrefix($0) }
            throw StoreError(isPassing ? .unavailable : .refused, "Redis: \(text)")
        }
        return value
    }
}

/// A command on its way from an async caller to the thread.
struct PendingCommand: Sendable {
    let arguments: [String]
    let script: Script?
    let continuation: CheckedContinuation<Result<RedisValue, StoreError>, Never>
}
