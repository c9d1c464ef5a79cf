import Gate
import Logging
import Metering
import Reactor
import RedisLink
import ServiceLifecycle
import Synchronization

/// The gate's thread as a service: it starts with the daemon, and on a stop answers what is under way before it ends.
final class GateService: Service {
    let metrics = GateMetrics()
    private let mailbox: Mailbox<GateServer.Message>
    private let thread: LoopThread
    private let stopTimeout: Int64
    private let state: State

    private final class State: Sendable {
        let isReady = Atomic(false)
        let holder = Mutex<String?>(nil)
        let ended: AsyncStream<String?>
        let end: AsyncStream<String?>.Continuation
        let started: AsyncStream<String?>
        let start: AsyncStream<String?>.Continuation

        init() {
            (ended, end) = AsyncStream.makeStream()
            (started, start) = AsyncStream.makeStream()
        }
    }

    /// Starts the thread. It listens at once and lets clients in when Redis is connected.
    init(
        configuration: GateConfiguration, catalogue: Catalogue, endpoint: RedisEndpoint, stopTimeout: Duration,
        logger: Logger
    ) throws {
        let mailbox = try Mailbox<GateServer.Message>(capacity: 1024)
        let metrics = metrics
        let state = State()
        self.mailbox = mailbox
        self.state = state
        // Half of the time that stopping may take in all: a client that does not read must not use up the others'
        // share.
        self.stopTimeout = Int64(stopTimeout / .microseconds(1)) / 2
        thread = try LoopThread(name: "gate") {
            do {
                let loop = try EventLoop()
                let server = try GateServer(
                    loop: loop, configuration: configuration, catalogue: catalogue, endpoint: endpoint,
                    metrics: metrics, logger: logger)
                state.holder.withLock { $0 = server.holder }
                try mailbox.attach(to: loop) { server.receive($0) }
                try server.start {
                    state.isReady.store(true, ordering: .releasing)
                    state.start.finish()
                }
                try loop.run()
                server.close()
                for message in mailbox.close() { message.dismiss() }
                if let failure = server.failure { throw failure }
                state.start.finish()
                state.end.finish()
            } catch {
                state.start.yield("\(error)")
                state.start.finish()
                state.end.yield("\(error)")
                state.end.finish()
            }
        }
    }

    /// Whether decisions have been possible at some time since the start.
    var isReady: Bool { state.isReady.load(ordering: .acquiring) }

    /// The holder that this gate is; nil until its ledger is open. The ledger is locked, so no other live process has
    /// the name, and a process that goes on with the ledger goes by it too.
    var holder: String? { state.holder.withLock { $0 } }

    /// Returns once clients are let in; throws what kept the gate from starting.
    func waitUntilReady() async throws {
        for await failure in state.started.cancelOnGracefulShutdown() {
            if let failure { throw CommandFailure("the gate cannot start: \(failure)", .fault) }
        }
    }

    /// Decides by other settings from now on.
    func reload(_ configuration: GateConfiguration, _ catalogue: Catalogue) {
        _ = mailbox.post(.reload(configuration, catalogue))
    }

    /// Has calls follow a tenant's record that was just written or removed. Returns once they do.
    func recordChanged(_ tenant: String) async {
        await withCheckedContinuation { continuation in
            // A gate that takes no messages decides nothing either.
            if !mailbox.post(.recordChanged(tenant, done: { continuation.resume() })) { continuation.resume() }
        }
    }

    /// Has Redis told everything that was counted here. Returns once it has it, or after a second; whether it has.
    func settle() async -> Bool {
        await withCheckedContinuation { continuation in
            let deadline = BootClock.now() + 1_000_000
            if !mailbox.post(.settle(deadline: deadline, done: { continuation.resume(returning: $0) })) {
                continuation.resume(returning: false)
            }
        }
    }

    /// How the leases stand; nil when the gate does not say.
    func survey(_ request: SurveyRequest) async -> LeaseSurvey? {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.survey(request, done: { continuation.resume(returning: $0) })) {
                continuation.resume(returning: nil)
            }
        }
    }

    /// What the gate knows of a tenant; nil when it does not say.
    func explain(_ tenant: String) async -> TenantReading? {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.explain(tenant, done: { continuation.resume(returning: $0) })) {
                continuation.resume(returning: nil)
            }
        }
    }

    func run() async throws {
        let failure: String? = await withTaskCancellationOrGracefulShutdownHandler {
            for await case .some(let failure) in state.ended { return failure }
            return nil
        } onCancelOrGracefulShutdown: {
            self.stop()
        }
        thread.join()
        if let failure { throw CommandFailure("the gate ended: \(failure)", .fault) }
    }

    private func stop() {
        _ = mailbox.post(.stop(deadline: BootClock.now() + stopTimeout))
    }
}
