import Hummingbird
import Logging
import NIOCore
public import RedisLink
public import ServiceLifecycle
import Synchronization

/// Billing and operators' HTTP, as one service: the flusher, and the control API on its Unix socket and, if
/// configured, on TCP. Nothing in it touches the data plane but the closures of its context.
public final class ControlPlane: Service {
    /// Connections beyond this wait in the system's queue until another closes.
    private static let mostConnections = 256
    /// A connection on which nothing happens for so long is closed.
    private static let idleTimeout = TimeAmount.seconds(120)

    private let context: ControlContext
    private let configuration: ControlConfiguration
    private let flusher: Flusher
    private let claims: PartitionClaims?
    private let notifier: Notifier?
    private let webhooks: WebhookParts
    private let checker: HourChecker
    private let api: ControlAPI
    private let failure = Mutex<ControlServerError?>(nil)
    private let onListening: @Sendable (Listening) -> Void

    /// What became reachable.
    public enum Listening: Sendable, Equatable {
        /// The control socket.
        case unix(path: String)
        /// TCP, at this port.
        case tcp(port: Int)
        /// The listener for Stripe's events, at this port.
        case webhooks(port: Int)
    }

    /// A control plane at rest.
    ///
    /// - Parameter onListening: called once for each way in, when callers can connect.
    public init(
        context: ControlContext, configuration: ControlConfiguration,
        onListening: @escaping @Sendable (Listening) -> Void = { _ in }
    ) {
        self.context = context
        self.configuration = configuration
        self.onListening = onListening
        // Who cannot send leaves the partitions to those who can.
        claims = context.stripe.map { _ in
            PartitionClaims(
                store: context.store, name: context.flusherName, clock: context.clock, logger: context.logger)
        }
        flusher = Flusher(context: context, configuration: configuration, claims: claims)
        notifier = context.notices.map {
            Notifier(context: context, endpoint: $0, version: configuration.version)
        }
        webhooks = WebhookParts(context)
        checker = HourChecker(
            context: context, configuration: configuration, flusher: flusher,
            isMine: { [claims] in claims?.isMine($0) ?? false })
        api = ControlAPI(
            context: context, configuration: configuration, flusher: flusher, claims: claims, notifier: notifier,
            webhooks: webhooks.counts, checker: checker)
    }

    /// Serves until a graceful shutdown: then requests under way are answered, sends under way get `stopLimit`, and
    /// the socket is removed. Throws `ControlServerError` when an address cannot be used.
    ///
    /// Whoever runs it makes sure that no second process does so for the same socket at the same instant: the check
    /// for another's is one moment before the socket is put in place.
    public func run() async throws {
        let place = SocketPlace(path: configuration.socketPath)
        try place.prepare()
        defer { place.remove() }
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: socketServer(place))
        ]
        if let tcp = configuration.tcp { services.append(.init(service: tcpServer(tcp))) }
        services.append(.init(service: GrantService(context: context, delay: configuration.grantDelay)))
        if let notifier { services.append(.init(service: NoticeService(notifier: notifier))) }
        if let claims { services.append(.init(service: ClaimService(claims: claims))) }
        services += webhooks.services(context, configuration) { [self] port in
            onListening(.webhooks(port: port))
        }.map { .init(service: $0) }
        services.append(
            .init(
                service: ReconcileService(
                    context: context, configuration: configuration, checker: checker,
                    daily: DailyReconcile(context: context, configuration: configuration, flusher: flusher))))
        // Services stop in reverse order. The flusher goes first: a request that waits for a round then ends with it.
        services.append(.init(service: FlushService(flusher: flusher, stopLimit: configuration.stopLimit)))
        do {
            try await ServiceGroup(configuration: .init(services: services, logger: context.logger)).run()
        } catch let error as IOError {
            let others = [
                configuration.tcp.map { "\($0.host):\($0.port)" }, context.webhooks.map { "\($0.host):\($0.port)" },
            ].compactMap { $0 }.map { " or \($0)" }
            throw ControlServerError(
                description: "cannot listen on \(configuration.socketPath)\(others.joined()): \(error)")
        } catch {
            throw failure.withLock { $0 } ?? error
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// One round of sending, whatever failed before.
    public func flush() async throws(StoreError) -> FlushReport { try await flusher.flush() }

    private func socketServer(_ place: SocketPlace) -> some Service {
        application(.unixDomainSocket(path: place.bindingPath), token: nil) { [self] channel in
            do throws(ControlServerError) {
                try place.publish()
                onListening(.unix(path: place.path))
            } catch {
                failure.withLock { $0 = error }
                channel.close(promise: nil)
            }
        }
    }

    private func tcpServer(_ tcp: ControlConfiguration.TCP) -> some Service {
        application(.hostname(tcp.host, port: tcp.port), token: BearerToken(tcp.token)) { [self] channel in
            onListening(.tcp(port: channel.localAddress?.port ?? tcp.port))
        }
    }

    private func application(
        _ address: BindAddress, token: BearerToken?, onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> some Service {
        var quiet = context.logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        return Application(
            responder: ControlResponder(routes: api.routes, token: token, logger: context.logger),
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: address, serverName: "tollgate",
                availableConnectionsDelegate: .maximum(Self.mostConnections, logger: quiet)),
            onServerRunning: onServerRunning, logger: quiet)
    }
}
