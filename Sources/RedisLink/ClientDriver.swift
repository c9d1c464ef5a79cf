internal import DequeModule
internal import RESP
internal import Reactor

/// The thread's side of `RedisClient`: the connection, the calls that wait for it, and their deadlines.
final class ClientDriver {
    private let loop: EventLoop
    private let connection: RedisConnection
    /// Calls that have no answer yet, in the order of their deadlines, which all are equally long; and those that were
    /// answered before an older one was.
    private var open = Deque<AsyncCall>()
    /// Calls that came while Redis was not connected.
    private var parked: [AsyncCall] = []
    private var timer: LoopTimer?
    private var lastFailure = "not connected yet"
    private var isStopped = false

    init(loop: EventLoop, endpoint: RedisEndpoint, name: String) {
        self.loop = loop
        connection = RedisConnection(loop: loop, endpoint: endpoint, name: name)
    }

    /// How many calls it keeps.
    var openCount: Int { open.count }

    func start() {
        timer = loop.makeTimer { [unowned self] in expire() }
        connection.onChange = { [unowned self] isReady, reason in
            if isReady {
                let calls = parked
                parked.removeAll()
                for call in calls where !call.isDone { connection.send(call) }
            } else {
                lastFailure = reason
                refresh()
            }
        }
        refresh()
        connection.start()
    }

    func receive(_ message: RedisClient.Message) {
        switch message {
        case .stop:
            isStopped = true
            connection.close()
            for call in open { call.finish(.failure(.stopped)) }
            loop.stop()
        case .batch(_, let results) where isStopped: results.resume(returning: [.failure(.stopped)])
        case .batch(let commands, let results):
            let batch = Batch(count: commands.count, results)
            let deadline = loop.now + RedisClient.deadline
            for (index, command) in commands.enumerated() {
                let call = AsyncCall(command, index: index, of: batch, deadline: deadline, for: self)
                open.append(call)
                if let timer, !timer.isArmed { timer.arm(at: deadline) }
                if connection.isReady { connection.send(call) } else { parked.append(call) }
            }
        }
    }

    /// Lets go of what has ended, which else would hold its answer until its deadline.
    fileprivate func forget() {
        while let call = open.first, call.isDone { open.removeFirst() }
    }

    /// A host whose address changed is found again. This thread may wait for the resolver; the gate's never does.
    private func refresh() {
        do throws(SystemError) {
            try connection.endpoint.refresh()
        } catch {
            lastFailure = error.description
        }
    }

    private func expire() {
        while let call = open.first, call.deadline <= loop.now {
            let state = connection.isReady ? "no answer from Redis" : "Redis is not reachable: \(lastFailure)"
            call.finish(.failure(StoreError(.unavailable, state, mayHaveRun: true)))
        }
        parked.removeAll { $0.isDone }
        if let next = open.first { timer?.arm(at: next.deadline) }
    }
}

/// The commands of one async caller, which is resumed when the last of them has ended.
private final class Batch {
    private var outcomes: [Result<RedisValue, StoreError>?]
    private var left: Int
    private let results: RedisClient.Results

    init(count: Int, _ results: RedisClient.Results) {
        outcomes = Array(repeating: nil, count: count)
        left = count
        self.results = results
    }

    /// Called once for each command.
    func finish(_ index: Int, _ outcome: Result<RedisValue, StoreError>) {
        outcomes[index] = outcome
        left -= 1
        if left == 0 { results.resume(returning: outcomes.compactMap { $0 }) }
    }
}

/// One command of a batch. It ends exactly once: by its answer, or at its deadline.
private final class AsyncCall: RedisCall {
    let deadline: Int64
    private let command: RedisClient.Command
    private let index: Int
    private let batch: Batch
    private unowned let driver: ClientDriver
    private(set) var isDone = false

    init(
        _ command: RedisClient.Command, index: Int, of batch: Batch, deadline: Int64, for driver: ClientDriver
    ) {
        self.command = command
        self.index = index
        self.batch = batch
        self.deadline = deadline
        self.driver = driver
    }

    override func encode(into output: inout OutputBuffer) {
        output.appendCommand(argumentCount: command.arguments.count + (command.script == nil ? 0 : 2))
        if let script = command.script { output.append(chunk: RedisConnection.scriptCall(script)) }
        for argument in command.arguments { output.appendArgument(argument) }
    }

    override func completed(_ reply: RedisReply) { finish(.success(reply.value)) }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        finish(.failure(StoreError(.unavailable, failure.description, mayHaveRun: mayHaveRun)))
    }

    func finish(_ outcome: Result<RedisValue, StoreError>) {
        guard !isDone else { return }
        isDone = true
        batch.finish(index, outcome)
        driver.forget()
    }
}
