internal import CHiredis
internal import DequeModule
internal import Glibc
internal import RESP
public import Reactor

/// One pipelined connection to Redis on an event loop: calls of a turn go out in one write, answers come back in order.
///
/// It reconnects by itself with backoff and jitter. While it is not connected, and when too many calls wait, a call
/// fails at once: the owner decides what that means. Lives on its loop's thread.
public final class RedisConnection: EventSource {
    /// Where the connection is in its life.
    enum State: Equatable {
        /// Nothing is open; the next try is due at the timer → connecting.
        case idle
        /// The kernel is connecting → greeting, or idle.
        case connecting
        /// Logging in and loading scripts; so many answers are still to come → ready, or idle.
        case greeting(answersLeft: Int)
        /// Calls are taken → idle when the connection breaks.
        case ready
        /// Shut down for good.
        case closed
    }

    /// The bounds of a connection. All times in microseconds.
    public struct Bounds: Sendable {
        /// How many calls may wait for an answer.
        public var waitingCalls = 16_384
        /// How many bytes may wait to be written.
        public var outputBytes = 16 << 20
        /// Connect, login and script loading together.
        public var greeting: Int64 = 1_000_000
        /// A connection whose oldest call has waited this long is given up.
        public var stall: Int64 = 5_000_000
        /// The longest pause between two connects; short, so that a Redis that is back is used within a second.
        public var backoff: Int64 = 250_000

        /// The bounds as above.
        public init() {}
    }

    let loop: EventLoop
    /// Where it connects to.
    public let endpoint: RedisEndpoint
    let name: String
    let bounds: Bounds
    var state = State.idle
    private var socket: StreamSocket?
    private var reader: UnsafeMutablePointer<redisReader>?
    private var waiting = Deque<RedisCall>()
    var output = OutputBuffer()
    /// Scripts being loaded again: once for all the calls that missed them.
    private var loadsUnderWay = 0
    private var wantsWrite = false
    private var attempt = 0
    private var timer: LoopTimer?
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// What Redis's clock shows, learned from `TIME` at login and from what the owner observes.
    public var clock = RedisClock()
    /// The run id of the Redis that this connection led to last: another one may have another memory. Known once calls
    /// are taken, and right for every call of this connection, since a Redis that is started again breaks it.
    public private(set) var runID = ""
    /// Called with true when calls are taken, and with false and the reason when they no longer are.
    public var onChange: ((_ isReady: Bool, _ reason: String) -> Void)?

    /// Called with what Redis says unasked, once something was subscribed to. Without it such a reply is an error.
    public var onPush: ((RedisReply) -> Void)?

    /// A connection that is not started yet. `name` shows in Redis's `CLIENT LIST`.
    public init(loop: EventLoop, endpoint: RedisEndpoint, name: String, bounds: Bounds = Bounds()) {
        self.loop = loop
        self.endpoint = endpoint
        self.name = name
        self.bounds = bounds
        super.init()
        timer = loop.makeTimer { [unowned self] in timerFired() }
    }

    deinit {
        scratch.deallocate()
        if let reader { redisReaderFree(reader) }
    }

    /// Whether calls are taken now.
    public var isReady: Bool { state == .ready }
    /// How many calls wait for an answer.
    public var waitingCount: Int { waiting.count }

    /// Begins to connect, and keeps connected until `close`. Call it once, after the owner has added turn observers of
    /// its own: the calls they make then go out in the same turn.
    public func start() {
        loop.add(Flusher(connection: self))
        connect()
    }

    /// Sends a call. It ends in `completed` or `failed`, `failed` possibly before this returns.
    public func send(_ call: RedisCall) {
        guard state == .ready else { return call.failed(.notConnected, mayHaveRun: false) }
        guard waiting.count < bounds.waitingCalls, output.count < bounds.outputBytes else {
            return call.failed(.tooManyWaiting, mayHaveRun: false)
        }
        call.sentAt = loop.now
        call.encode(into: &output)
        waiting.append(call)
    }

    /// Closes for good; waiting calls fail.
    public func close() {
        // First, so that the end is not reported as a loss.
        state = .closed
        drop("shut down")
        if let timer { loop.drop(timer) }
        timer = nil
    }

    // MARK: - Connecting

    private func connect() {
        guard let address = endpoint.address(attempt: attempt) else { return retryLater("no address known yet") }
        do throws(SystemError) {
            let socket = try StreamSocket.connecting(to: address)
            try loop.add(socket.descriptor, [.read, .write], self)
            self.socket = socket
            wantsWrite = true
            state = .connecting
            timer?.arm(at: loop.now + bounds.greeting)
        } catch {
            retryLater(error.description)
        }
    }

    private func retryLater(_ reason: String) {
        state = .idle
        let longest = min(bounds.backoff, 10_000 << min(attempt, 10))
        attempt += 1
        // Jitter, so that many sidecars do not come back to a restarted Redis in step.
        timer?.arm(at: loop.now + Int64.random(in: longest / 2...longest))
        onChange?(false, reason)
    }

    private func timerFired() {
        switch state {
        case .idle: connect()
        case .connecting, .greeting: drop("no answer to the login within a second")
        case .ready:
            if let oldest = waiting.first, loop.now - oldest.sentAt > bounds.stall {
                drop("no answer for \(bounds.stall / 1_000_000) s")
            } else {
                timer?.arm(at: loop.now + bounds.stall / 4)
            }
        case .closed: break
        }
    }

    private func finishConnect() {
        guard let address = endpoint.address(attempt: attempt) else { return drop("no address known") }
        if let failure = socket?.connectError(address) { return drop(failure.description) }
        reader = redisReaderCreate()
        // Otherwise hiredis gives its buffer back after each large read, and takes a new one for the next.
        reader?.pointee.maxbuf = 0
        state = .greeting(answersLeft: writeGreeting())
    }

    /// An answer to the login; the last two are those of `INFO server` and `TIME`.
    private func greeted(_ reply: RedisReply, answersLeft: Int) {
        if let error = reply.errorText {
            // A server without AUTH repeats its arguments in its error.
            let secret = endpoint.password ?? ""
            let isEchoed = !secret.isEmpty && error.contains(secret)
            return drop("Redis refused the login: \(isEchoed ? "it knows no AUTH" : error)")
        }
        if answersLeft == 2 {
            guard let run = reply.string.flatMap({ Self.runID(in: $0) }) else {
                return drop("Redis does not tell its run_id (INFO server)")
            }
            runID = run
        }
        guard answersLeft == 1 else {
            state = .greeting(answersLeft: answersLeft - 1)
            return
        }
        if let seconds = reply[0]?.string.flatMap({ Int64($0) }), let micros = reply[1]?.string.flatMap({ Int64($0) }) {
            clock.observe(redisTime: seconds * 1_000_000 + micros, received: BootClock.now())
        }
        state = .ready
        attempt = 0
        timer?.arm(at: loop.now + bounds.stall / 4)
        onChange?(true, "connected")
    }

    private func drop(_ reason: String) {
        let wasOpen = socket != nil
        if let socket { loop.remove(socket.descriptor) }
        socket = nil
        if let reader { redisReaderFree(reader) }
        reader = nil
        output.reset()
        let lost = waiting
        waiting.removeAll(keepingCapacity: true)
        if wasOpen, state != .closed { retryLater(reason) }
        for call in lost { call.failed(.connectionLost(reason), mayHaveRun: true) }
    }

    // MARK: - Reading and writing

    /// The loop's call: the socket is ready.
    public override func ready(_ events: Events) {
        if state == .connecting {
            guard !events.isDisjoint(with: [.write, .hangup]) else { return }
            finishConnect()
        }
        if events.contains(.write) { flush() }
        if !events.isDisjoint(with: [.read, .hangup]) { receive() }
    }

    /// Takes in everything that has arrived. A loop that was held up calls it before it judges by deadlines, so that no
    /// call whose answer is here is given up.
    public func receivePending() {
        guard state == .ready else { return }
        for _ in 0..<Self.mostReads {
            // A read that does not fill the buffer has emptied the socket.
            guard receive() == scratch.count else { return }
        }
    }

    /// Enough for the answers of all calls that may wait.
    private static let mostReads = 64

    /// Returns how many bytes had arrived.
    @discardableResult private func receive() -> Int {
        switch socket?.read(into: scratch) ?? .wouldBlock {
        case .wouldBlock: return 0
        case .closed:
            drop("Redis closed the connection")
            return 0
        case .moved(let count):
            redisReaderFeed(reader, scratch.baseAddress, count)
            while let reader, takeReply(reader) {}
            return count
        }
    }

    /// Hands one whole reply to whom it belongs. False when there is none.
    private func takeReply(_ reader: UnsafeMutablePointer<redisReader>) -> Bool {
        var raw: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &raw) == REDIS_OK else {
            drop("Redis sent bytes that are no reply")
            return false
        }
        guard let raw else { return false }
        defer { freeReplyObject(raw) }
        let reply = RedisReply(UnsafePointer(raw.assumingMemoryBound(to: redisReply.self)))
        if case .greeting(let left) = state {
            greeted(reply, answersLeft: left)
        } else if let onPush, waiting.isEmpty || reply.isPush {
            onPush(reply)
        } else if let call = waiting.popFirst() {
            deliver(reply, to: call)
        } else {
            drop("Redis sent a reply nobody asked for")
        }
        return true
    }

    private func deliver(_ reply: RedisReply, to call: RedisCall) {
        // Somebody flushed the scripts: load them and ask again, in the order the calls had.
        guard !call.triedLoadingScripts, reply.isError("NOSCRIPT") else { return call.completed(reply) }
        call.triedLoadingScripts = true
        if loadsUnderWay == 0 {
            loadsUnderWay = Script.all.count
            for script in Script.all { send(ScriptLoad(script) { [unowned self] in loadsUnderWay -= 1 }) }
        }
        send(call)
    }

    func flush() {
        guard !output.isEmpty, state != .connecting else { return watchWrites(false) }
        while !output.isEmpty {
            let transfer = output.withReadable { bytes -> Transfer in
                bytes.withUnsafeBytes { socket?.write($0) ?? .wouldBlock }
            }
            switch transfer {
            case .moved(let count): output.removeFirst(count)
            case .wouldBlock: return watchWrites(true)
            case .closed: return drop("Redis closed the connection")
            }
        }
        watchWrites(false)
    }

    private func watchWrites(_ wanted: Bool) {
        guard wanted != wantsWrite, state != .connecting, let socket else { return }
        do throws(SystemError) {
            try loop.modify(socket.descriptor, wanted ? [.read, .write] : .read)
            wantsWrite = wanted
        } catch {
            drop(error.description)
        }
    }
}

/// One write for all the calls of a turn.
private final class Flusher: TurnObserver {
    unowned let connection: RedisConnection

    init(connection: RedisConnection) { self.connection = connection }

    override func turnEnds() {
        if !connection.output.isEmpty { connection.flush() }
    }
}
