import RESP
import Reactor
import TestSupport

@testable import RedisLink

/// A connection on a loop that the test turns itself.
final class LoopBench {
    let loop: EventLoop
    let connection: RedisConnection
    private(set) var changes: [String] = []

    init(
        _ endpoint: RedisEndpoint, name: String = "test", bounds: RedisConnection.Bounds = RedisConnection.Bounds()
    ) throws {
        try endpoint.refresh()
        loop = try EventLoop()
        connection = RedisConnection(loop: loop, endpoint: endpoint, name: name, bounds: bounds)
        connection.onChange = { [unowned self] isReady, reason in changes.append(isReady ? "ready" : reason) }
        connection.start()
    }

    /// Turns the loop until `condition` holds.
    func turn(until expectation: String, within limit: Duration = .seconds(60), _ condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + limit
        while !condition() {
            guard ContinuousClock.now < deadline else {
                throw TestFailure("waited \(limit) in vain for this: \(expectation); \(changes)")
            }
            try loop.turn(atMost: 10_000)
        }
    }

    func connect() throws { try turn(until: "it is connected") { connection.isReady } }

    /// Sends commands and returns what came of them, in order.
    func run(_ commands: [[String]]) throws -> [RecordedCall] {
        let calls = commands.map { RecordedCall($0) }
        for call in calls { connection.send(call) }
        try turn(until: "all calls have ended") { calls.allSatisfy(\.isDone) }
        return calls
    }

    /// The run id that Redis states when it is asked.
    func runID() throws -> String? { try run("INFO", "server")?.text.flatMap { RedisConnection.runID(in: $0) } }

    func run(_ command: String...) throws -> RedisValue? { try run([command]).first?.answer }
}

/// A call that remembers what came of it.
final class RecordedCall: RedisCall {
    private(set) var answer: RedisValue?
    private(set) var failure: RedisFailure?
    private(set) var mayHaveRun = false
    /// How often it was written.
    private(set) var tries = 0
    private let words: [[UInt8]]

    init(_ words: [String]) { self.words = words.map { Array($0.utf8) } }

    var isDone: Bool { answer != nil || failure != nil }

    override func encode(into output: inout OutputBuffer) {
        tries += 1
        output.appendCommand(argumentCount: words.count)
        for word in words { output.appendArgument(word.span) }
    }

    override func completed(_ reply: RedisReply) { answer = reply.value }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        self.failure = failure
        self.mayHaveRun = mayHaveRun
    }
}
