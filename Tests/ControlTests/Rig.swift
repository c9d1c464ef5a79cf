import Metering
import RedisLink
import StripeAPI
import TestSupport
import Testing

@testable import Control

/// A control plane's surroundings: a real Redis, a scripted Stripe, a clock that the test sets.
final class Rig: Sendable {
    /// The hour in which the tests' time stands, at half past: hours since the Unix epoch.
    static let hour: Int64 = 500_000

    /// How many tests run at once. One that has two rigs needs two places, so there must be more than such tests.
    private static let turnstile = Turnstile(places: 8)

    private let pass: Turnstile.Pass
    let redis: RedisServer
    let directory: TemporaryDirectory
    let store: RedisStore
    let stripe = ScriptedStripe()
    let logs = LogRecorder()
    let context: ControlContext
    let configuration: ControlConfiguration
    let time = ManualTime(milliseconds: (Rig.hour * 3600 + 1800) * 1000)

    init(
        hasKey: Bool = true, catalogue: Catalogue = Rig.catalogue, flushInterval: Duration = .seconds(3600),
        sendMark: Duration = .seconds(45), token: String? = nil, redisOptions: [String] = [], isRealTime: Bool = false,
        settles: Bool = true
    ) async throws {
        pass = await Self.turnstile.enter()
        redis = try await RedisServer.start(redisOptions)
        directory = try TemporaryDirectory()
        let endpoint = RedisEndpoint(location: .unix(path: redis.socketPath))
        try endpoint.refresh()
        store = RedisStore(
            client: try RedisClient(endpoint: endpoint, name: "test"), keys: KeySpace(prefix: "tg:", partitions: 16),
            origin: AuditOrigin(holderID: "h1"))
        let time = time
        let key = try #require(StripeSecretKey("sk_test_rig"))
        let settings = StripeConfiguration(
            apiBase: "http://stripe.test", secretKey: key, limits: StripeLimits(requestsPerSecond: 10_000),
            deadline: .seconds(10),
            appInfo: StripeAppInfo(name: "tollgate", version: "test"))
        let client = hasKey ? StripeClient(configuration: settings, transport: stripe) : nil
        configuration = ControlConfiguration(
            socketPath: directory.file("control.sock"),
            tcp: token.map { ControlConfiguration.TCP(host: "127.0.0.1", port: 0, token: $0) },
            flushInterval: flushInterval, sendMark: sendMark, stopLimit: .milliseconds(200), version: "1.2.3")
        context = ControlContext(
            store: store, stripe: client, catalogue: { catalogue }, gateReady: { true },
            metrics: { [Metric("gate_calls_total", help: "Calls.", kind: .counter, 7)] }, settle: { settles },
            paths: DoctorPaths(
                gateSocket: directory.file("gate.sock"), controlSocket: directory.file("control.sock"),
                stateDirectory: directory.path),
            logger: logs.logger, now: { isRealTime ? ControlContext.systemTime() : time.milliseconds })
    }

    deinit { store.client.close() }
}
