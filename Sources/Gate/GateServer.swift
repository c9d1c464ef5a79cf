public import Ledger
public import Logging
public import Metering
public import Reactor
public import RedisLink

/// The data plane: listens, reads requests, asks Redis, answers. One loop, one thread, nothing shared.
///
/// The control plane reaches it by messages only, and reads its `metrics`.
public final class GateServer {
    /// What the control plane may tell the gate.
    public enum Message: Sendable {
        /// Decide by this configuration and catalogue from now on. Sockets, holder and keys stay as they were.
        case reload(GateConfiguration, Catalogue)
        /// Accept nobody, answer what is under way, then stop the loop; at once after this instant of `BootClock`.
        case stop(deadline: Int64)
        /// A tenant's record was written or removed through this daemon. `done` is called once calls follow it.
        case recordChanged(String, done: @Sendable () -> Void)
        /// Tell Redis everything now. `done` is called once it has, or at this instant of `BootClock`; with whether it
        /// has.
        case settle(deadline: Int64, done: @Sendable (Bool) -> Void)
        /// Look at the leases. `done` is called with what was found, or with nil when nobody can look.
        case survey(SurveyRequest, done: @Sendable (LeaseSurvey?) -> Void)
        /// Say what is known of a tenant. `done` is called with it, or with nil when nobody can say.
        case explain(String, done: @Sendable (TenantReading?) -> Void)

        /// Nobody carries it out any more: whoever waits for that is let go.
        public func dismiss() {
            switch self {
            case .reload, .stop: break
            case .recordChanged(_, let done): done()
            case .settle(_, let done): done(false)
            case .survey(_, let done): done(nil)
            case .explain(_, let done): done(nil)
            }
        }
    }

    let loop: EventLoop
    let redis: RedisConnection
    /// What decisions are made by; replaced with each reload.
    private(set) var rules: GateRules
    private let ledger: LedgerFile
    private(set) lazy var quickTake = QuickTake(server: self)
    private(set) lazy var directory = TenantDirectory(server: self)
    let metrics: GateMetrics
    let log: Logger
    let queue: SpendQueue
    /// All connections read into this in turn, so that a silent one holds no memory.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)
    let startedAt = BootClock.now()
    /// What this holder decides by itself.
    private(set) lazy var book = LeaseBook(server: self, ledger: ledger)
    private(set) lazy var alerts = AlertQueue(server: self)
    private(set) lazy var news = NewsListener(server: self)
    private lazy var surveyor = LeaseSurveyor(server: self)
    /// What made it end before it was told to.
    public private(set) var failure: LedgerError?
    private(set) var acceptor: Acceptor?
    private let deadlines: DeadlineQueue
    /// What the request in hand asks; all connections use it in turn.
    var request = SpendRequest()
    /// The calls that waited long.
    var slowLog = SlowLog()
    /// Answered calls of this turn, and such that can be used again.
    private var answered: [SpendCall] = []
    private var spare: [SpendCall] = []
    private var toFlush: [ClientConnection] = []
    private var stopDeadline: Int64?
    private var latestSecond: Int64 = 0
    private var sweepTimer: LoopTimer?
    /// When what is done once a second is due again.
    private var nextCheck: Int64 = 0
    /// Called once, when decisions can be made.
    private var onReady: (() -> Void)?

    /// A gate that is not listening yet. Throws when its ledger cannot be used.
    public init(
        loop: EventLoop, configuration: GateConfiguration, catalogue: Catalogue, endpoint: RedisEndpoint,
        metrics: GateMetrics, logger: Logger
    ) throws(LedgerError) {
        ledger = try LedgerFile.open(configuration.ledger)
        var configuration = configuration
        configuration.holder = ledger.holder
        self.loop = loop
        self.metrics = metrics
        log = logger
        redis = RedisConnection(loop: loop, endpoint: endpoint, name: "tollgate-gate")
        queue = SpendQueue(redis: redis, keys: configuration.keys, logger: logger)
        rules = GateRules(configuration: configuration, catalogue: catalogue)
        let extraWait = configuration.leases.recallDeadline - configuration.deadline
        deadlines = DeadlineQueue(loop: loop, redis: redis, extraWait: extraWait)
        queue.beforeSend = { [unowned self] in book.syncs.send(now: self.loop.now) }
    }

    /// The name of this holder: holder id, loop and incarnation.
    public var holder: String { rules.configuration.holder }

    deinit { scratch.deallocate() }

    /// Redis's clock now, in whole unix seconds: it names hours and periods. It does not go back by the jitter of an
    /// estimate; a clock that was set back is followed.
    var redisSecond: Int64 {
        let now = redis.clock.time(at: loop.now) / 1_000_000
        if now > latestSecond || latestSecond - now > Self.clockSlack { latestSecond = now }
        return latestSecond
    }

    /// In seconds.
    private static let clockSlack: Int64 = 5

    /// Connects to Redis and then listens. `onReady` is called on the loop's thread once both are done.
    public func start(onReady: @escaping () -> Void) throws(ListenError) {
        let acceptor = try Acceptor(server: self)
        self.acceptor = acceptor
        self.onReady = onReady
        loop.add(TurnEnd(server: self))
        sweepTimer = loop.makeTimer { [unowned self] in sweep() }
        sweepTimer?.arm(at: loop.now + Self.sweepInterval)
        nextCheck = loop.now + Self.checkInterval
        redis.onChange = { [unowned self] isReady, reason in redisChanged(isReady, reason) }
        redis.start()
        news.start()
    }

    /// Carries out a message of the control plane.
    public func receive(_ message: Message) {
        switch message {
        case .reload(let configuration, let catalogue):
            var configuration = configuration
            configuration.holder = holder
            let next = rules.replacing(configuration, catalogue)
            quickTake.follow(next)
            rules = next
            book.reload(configuration)
            deadlines.extraWait = max(0, configuration.leases.recallDeadline - configuration.deadline)
        case .stop(let deadline):
            stopDeadline = deadline
            acceptor?.stop()
            for client in clients {
                client.isEnding = true
                needsFlush(client)
            }
            sweepTimer?.arm(at: loop.now + 1000)
        case .recordChanged(let tenant, let done):
            recordChanged(tenant)
            done()
        case .settle(let deadline, let done): book.settle(by: deadline, done)
        case .survey(let request, let done): surveyor.survey(request, done)
        case .explain(let tenant, let done): done(reading(of: tenant))
        }
    }

    /// A tenant's record was written or removed.
    func recordChanged(_ tenant: String) {
        if let entry = directory.known(tenant) { directory.recordChanged(entry) }
    }

    /// Ends at once, answering nobody: an answer could not be kept.
    func fail(_ error: LedgerError) {
        failure = error
        redis.close()
        loop.stop()
    }

    /// Lets go of the socket and of Redis, after the loop has ended. Call it on the loop's thread.
    public func close() {
        for client in clients { client.close() }
        acceptor = nil
        news.close()
        surveyor.close()
        redis.close()
        book.close()
    }

    // MARK: - For connections and calls

    func decide(_ call: SpendCall) {
        metrics.add(.waiting)
        deadlines.add(call)
        directory.dispatch(call)
    }

    /// A call that is decided waits for Redis to have its totals.
    func expect(_ call: SpendCall) {
        metrics.add(.waiting)
        deadlines.add(call)
    }

    /// Decides a call of a tenant whose record is known: here, at the leases it lacks, or in Redis.
    func route(_ call: SpendCall) {
        // A meter is a place in the catalogue that the call was read by.
        if call.command.isSettling { return book.settle(call) }
        guard call.command != .refund else { return book.refund(call) }
        guard call.rules === rules else { return directory.send(call) }
        switch book.decide(call.command, call.request, call.entry) {
        case .decided: book.answer(call)
        case .refused(let reason): call.finish(.refused(reason))
        case .failed(let text): call.finish(.failed(text))
        case .asks: book.wait(call)
        case .strict where book.mustBeToldFirst(call): book.untoldCalls.append(call)
        case .strict:
            book.tellOwnUsage(of: call)
            directory.send(call)
        }
    }

    /// A call that asks `request`.
    func makeCall(_ command: SpendCall.Command, entry: TenantEntry, client: ClientConnection) -> SpendCall {
        guard let call = spare.popLast() else {
            return SpendCall(command, request, entry: entry, server: self, client: client)
        }
        call.reuse(command, &request, entry: entry, client: client)
        return call
    }

    /// The reply of a call was written.
    func replied(_ call: SpendCall) { answered.append(call) }

    func finished() {
        metrics.add(.waiting, -1)
        deadlines.prune()
    }

    func needsFlush(_ client: ClientConnection) {
        guard !client.isListedForFlush else { return }
        client.isListedForFlush = true
        toFlush.append(client)
    }

    func closed(_ client: ClientConnection) { acceptor?.closed(client) }

    var clients: [ClientConnection] { acceptor?.clients ?? [] }

    // MARK: - Turns

    fileprivate func endTurn() {
        queue.send()
        book.endTurn()
        // Flushing may list a client again, when it goes on with requests that had arrived earlier; so may sending,
        // when Redis is gone.
        var index = 0
        while index < toFlush.count {
            let client = toFlush[index]
            // A flush may have gone on with requests, whose totals come before their answers.
            if book.isLedgerDirty { book.endTurn() }
            if failure != nil { return }
            client.isListedForFlush = false
            client.flush()
            index += 1
            if index == toFlush.count {
                queue.send()
                book.endTurn()
            }
        }
        toFlush.removeAll(keepingCapacity: true)
        keepSpares()
        if stopDeadline != nil, clients.isEmpty { finishStop() }
    }

    /// Gives back what is unspent, and ends when Redis has everything.
    private func finishStop() {
        book.handBack()
        if book.isHandedBack, alerts.isIdle { loop.stop() }
    }

    /// Keeps the answered calls that nobody holds any more, up to a bound.
    private func keepSpares() {
        while var call = answered.popLast() {
            guard spare.count < Self.mostSpares, isKnownUniquelyReferenced(&call) else { continue }
            call.clear()
            spare.append(call)
        }
    }

    private static let mostSpares = 1024

    private static let sweepInterval: Int64 = 100_000
    private static let checkInterval: Int64 = 1_000_000

    /// Sweeps a little, and once a second closes silent clients; while stopping, ends at the deadline whatever is left.
    private func sweep() {
        if let stopDeadline {
            if loop.now >= stopDeadline { return loop.stop() }
            sweepTimer?.arm(at: min(stopDeadline, loop.now + 50_000))
        } else {
            sweepTimer?.arm(at: loop.now + Self.sweepInterval)
        }
        book.sweep()
        guard stopDeadline != nil || loop.now >= nextCheck else { return }
        nextCheck = loop.now + Self.checkInterval
        book.checkUp()
        alerts.send()
        guard let idleTimeout = rules.configuration.idleTimeout else { return }
        for client in clients where client.isQuiet && loop.now - client.lastActive >= idleTimeout { client.close() }
    }

    private func redisChanged(_ isReady: Bool, _ reason: String) {
        let wasReady = metrics.value(.redisConnected) == 1
        metrics.set(.redisConnected, isReady ? 1 : 0)
        if isReady {
            log.info("connected to Redis")
            book.connected()
            acceptor?.startAccepting()
            onReady?()
            onReady = nil
        } else if wasReady {
            log.warning("lost Redis", metadata: ["reason": "\(reason)"])
        } else {
            log.debug("Redis is not reachable", metadata: ["reason": "\(reason)"])
        }
    }
}

/// One write a client and turn, for everything the turn produced.
private final class TurnEnd: TurnObserver {
    unowned let server: GateServer

    init(server: GateServer) { self.server = server }

    override func turnEnds() { server.endTurn() }
}
