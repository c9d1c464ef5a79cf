import Control
import Foundation
import Gate
import HTTPLink
import Logging
import Metering
import RedisLink
import ServiceLifecycle
import Settings
import StripeAPI
import UnixSignals

/// The daemon: starts each part on the settings, runs them together, and stops them in the opposite order.
struct Daemon {
    let settings: DaemonSettings
    let source: SettingsSource
    private let logger: Logger

    init(settings: DaemonSettings, source: SettingsSource) {
        DaemonLog.start(settings.log)
        self.settings = settings
        self.source = source
        logger = Logger(label: "tollgate")
    }

    func run() async throws {
        for warning in settings.warnings { logger.warning("\(warning)") }
        // First, since a wrong key stops the start, and nothing is to be stopped yet.
        let stripe = try stripeClient()
        let notices = try noticeEndpoint()
        let directory = try StateDirectory(path: settings.stateDirectory)
        let managed = try startManagedRedis()
        let endpoint = DaemonParts.endpoint(settings.redis, managed: managed)
        let client = try RedisClient(endpoint: endpoint, name: "tollgate-control")
        do {
            let store = RedisStore(
                client: client, keys: DaemonParts.keys(settings.redis), origin: DaemonParts.auditOrigin(settings))
            try await prepare(store, managed)
            try await serve(endpoint, store, managed, stripe, notices)
        } catch {
            await stop(managed, client)
            throw error
        }
        await stop(managed, client)
        logger.info("stopped")
        withExtendedLifetime(directory) {}
    }

    // MARK: - Redis

    private func startManagedRedis() throws -> ManagedRedis? {
        guard settings.redis.location == .managed else { return nil }
        let managed = ManagedRedis(
            stateDirectory: settings.stateDirectory, withholding: DaemonSettings.secretVariables)
        do throws(ManagedRedis.StartError) {
            let isNew = try managed.start()
            logger.info(
                isNew ? "started redis-server" : "found the redis-server of an earlier run",
                metadata: ["socket": "\(managed.socketPath)"])
        } catch {
            throw CommandFailure(error.description, .fault)
        }
        return managed
    }

    /// Waits until Redis answers, and makes sure that it is ours to use.
    private func prepare(_ store: RedisStore, _ managed: ManagedRedis?) async throws {
        var attempt = 0
        while true {
            do throws(StoreError) {
                for warning in try await store.prepare(hasLedger: DaemonParts.hasLedger(settings)) {
                    logger.warning("\(warning)")
                }
                return
            } catch {
                guard error.isRetryable else { throw CommandFailure(error.message, .fault) }
                attempt += 1
                if attempt == 1 { logger.warning("waiting for Redis", metadata: ["reason": "\(error)"]) }
                try await Task.sleep(for: .milliseconds(500))
                if let managed { ManagedRedisService(managed: managed, logger: logger).startIfEnded() }
            }
        }
    }

    private func stop(_ managed: ManagedRedis?, _ client: RedisClient) async {
        if let managed, !(await managed.stop(through: client)) {
            logger.error("redis-server did not stop", metadata: ["socket": "\(managed.socketPath)"])
        }
        client.close()
    }

    // MARK: - Serving

    private func serve(
        _ endpoint: RedisEndpoint, _ store: RedisStore, _ managed: ManagedRedis?, _ stripe: StripeClient?,
        _ notices: NoticeEndpoint?
    ) async throws {
        let live = LiveSettings(settings)
        let webhooks = try WebhookIntake(settings, live: live, endpoint: endpoint, logger: logger)
        defer { webhooks.close() }
        let gate = try GateService(
            configuration: DaemonParts.gate(settings), catalogue: settings.catalogue,
            endpoint: endpoint, stopTimeout: settings.shutdownTimeout, logger: Logger(label: "gate"))
        let readiness = ReadinessService(gate: gate, logger: logger)
        let control = ControlPlane(
            context: ControlContext(
                store: store, stripe: stripe, notices: notices, webhooks: webhooks.endpoint,
                catalogue: { live.current.catalogue },
                gateReady: { gate.isReady }, flusherName: { gate.holder },
                metrics: { gate.metrics.page + live.metrics },
                tenantChanged: { await gate.recordChanged($0) }, settle: { await gate.settle() },
                survey: { await gate.survey($0) }, explain: { await gate.explain($0) },
                paths: DoctorPaths(
                    gateSocket: settings.gate.socket, gateMode: UInt32(settings.gate.mode),
                    controlSocket: settings.control.socket, stateDirectory: settings.stateDirectory),
                doctorChecks: { [settings] in [LedgerCheck.make(stateDirectory: settings.stateDirectory)] },
                logger: Logger(label: "control")),
            configuration: controlConfiguration,
            onListening: { if case .unix = $0 { readiness.controlIsListening() } })
        let reloader = ReloadService(live: live, source: source, logger: logger) { settings in
            gate.reload(DaemonParts.gate(settings), settings.catalogue)
        }
        // Stopped from the last to the first: the gate answers what is under way while everything else still works.
        var services: [any Service] = []
        if let managed { services.append(ManagedRedisService(managed: managed, logger: logger)) }
        services += [control, reloader, gate, readiness] as [any Service]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "services"))
        configuration.maximumGracefulShutdownDuration = settings.shutdownTimeout
        logger.info("starting", metadata: ["version": "\(Release.version)"])
        try await ServiceGroup(configuration: configuration).run()
    }

    private var controlConfiguration: ControlConfiguration {
        let tcp = settings.control.listen.flatMap { address in
            settings.control.token.map {
                ControlConfiguration.TCP(host: address.host, port: Int(address.port), token: $0.reveal())
            }
        }
        return ControlConfiguration(
            socketPath: settings.control.socket, tcp: tcp, flushInterval: settings.stripe.flushInterval,
            // The wait for its turn, the request itself, and some room for a machine that is busy.
            sendMark: Self.stripePacing + settings.stripe.timeout + .seconds(5), sendSlack: .seconds(5),
            streamAbove: settings.stripe.streamAbove,
            meterEventsRoute: settings.stripe.meterEvents,
            summaryLag: settings.stripe.summaryLag, booksMargin: settings.stripe.booksMargin,
            checkInterval: settings.stripe.checkInterval,
            grantDelay: settings.leases.horizon + settings.leases.ttl + settings.leases.grace,
            version: Release.version)
    }

    private func noticeEndpoint() throws -> NoticeEndpoint? {
        guard let url = settings.notify.url else { return nil }
        // One peer, whose answers nobody reads.
        let client = try HTTPClient(configuration: HTTPConfiguration(maxPending: 64, maxResponseBytes: 64 << 10))
        return NoticeEndpoint(
            url: url, signatures: settings.notify.secrets.compactMap { NoticeSignature(secret: $0.reveal()) },
            timeout: settings.notify.timeout, holder: settings.holderID,
            auditMilliseconds: DaemonParts.auditOrigin(settings).retentionMilliseconds
        ) { request in
            do throws(HTTPError) {
                return .success(try await client.send(request))
            } catch {
                return .failure(error)
            }
        }
    }

    /// The longest a call to Stripe waits for its turn.
    private static let stripePacing = Duration.seconds(10)

    private func stripeClient() throws -> StripeClient? {
        guard let secret = settings.stripe.secretKey else { return nil }
        let text = secret.reveal()
        guard text.hasPrefix("sk_") || text.hasPrefix("rk_"), let key = StripeSecretKey(text) else {
            throw CommandFailure("STRIPE_SECRET_KEY is not a Stripe secret key: those begin with sk_ or rk_", .usage)
        }
        return StripeClient(
            configuration: StripeConfiguration(
                apiBase: settings.stripe.apiBase, meterEventsBase: settings.stripe.meterEventsBase,
                apiVersion: settings.stripe.apiVersion, secretKey: key,
                limits: StripeLimits(
                    requestsPerSecond: settings.stripe.requestsPerSecond,
                    meterEventsPerSecond: settings.stripe.meterEventsPerSecond,
                    streamEventsPerSecond: settings.stripe.streamEventsPerSecond,
                    meterEventsCount: settings.stripe.isStripeSandbox),
                longestPacing: Self.stripePacing,
                deadline: settings.stripe.timeout,
                appInfo: StripeAppInfo(name: "tollgate", version: Release.version)),
            transport: try HTTPClient())
    }
}
