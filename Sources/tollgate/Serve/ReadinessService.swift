import Foundation
import Logging
import ServiceLifecycle

/// Says, once, that the daemon can be used: to the log and to the service manager.
final class ReadinessService: Service {
    private let gate: GateService
    private let logger: Logger
    private let listening: AsyncStream<Void>
    private let listens: AsyncStream<Void>.Continuation

    init(gate: GateService, logger: Logger) {
        self.gate = gate
        self.logger = logger
        (listening, listens) = AsyncStream.makeStream()
    }

    /// The control socket takes callers.
    func controlIsListening() { listens.finish() }

    func run() async throws {
        let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
        try await gate.waitUntilReady()
        for await _ in listening.cancelOnGracefulShutdown() {}
        if !Task.isShuttingDownGracefully {
            logger.notice("ready")
            notifier.ready()
        }
        try await gracefulShutdown()
        notifier.stopping()
        logger.notice("stopping")
    }
}
