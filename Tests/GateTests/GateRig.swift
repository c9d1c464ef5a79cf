import Ledger
import Logging
import Metering
import RESP
import Reactor
import RedisLink
import TestSupport

@testable import Gate

/// A gate on a thread of its own, in this process, with a Redis of its own.
final class GateRig: Sendable {
    let redis: RedisServer
    let metrics = GateMetrics()
    let configuration: GateConfiguration
    let keys: KeySpace
    private let mailbox: Mailbox<Job>
    private let thread: LoopThread
    private let directory: TemporaryDirectory

    private struct Job: Sendable {
        let body: @Sendable (GateServer) -> Void
    }

    /// A ledger without room for anybody: Redis decides everything.
    static func fullLedger(_ configuration: inout GateConfiguration) {
        configuration.ledger.layout = LedgerLayout(slotCount: 1)
    }

    /// Runs `body` with a gate that serves, and ends the gate afterwards.
    static func run(
        _ catalogue: Catalogue = .standard, redis options: [String] = [], deadline: Int64 = 2_000_000,
        configure: (inout GateConfiguration) -> Void = { _ in }, _ body: (GateRig) async throws -> Void
    ) async throws {
        let rig = try GateRig(catalogue, try await RedisServer.start(options), deadline, configure)
        defer { rig.end() }
        try await eventually("the gate is connected to Redis") { rig.metrics.value(.redisConnected) == 1 }
        try await eventually("Redis was told everything") { await rig.onLoop { $0.book.partitions.areAllTold } }
        try await body(rig)
    }

    /// Runs `body` with one more gate at the Redis of another.
    static func run(
        beside first: GateRig, _ catalogue: Catalogue = .standard, _ body: (GateRig) async throws -> Void
    ) async throws {
        let rig = try GateRig(catalogue, first.redis, first.configuration.deadline) { $0.ledger.holderID = "h2" }
        defer { rig.end() }
        try await eventually("the gate is connected to Redis") { rig.metrics.value(.redisConnected) == 1 }
        try await eventually("Redis was told everything") { await rig.onLoop { $0.book.partitions.areAllTold } }
        try await body(rig)
    }

    private init(
        _ catalogue: Catalogue, _ redis: RedisServer, _ deadline: Int64, _ configure: (inout GateConfiguration) -> Void
    ) throws {
        self.redis = redis
        directory = try TemporaryDirectory()
        keys = KeySpace(prefix: "tg:", partitions: 4)
        var configuration = GateConfiguration(
            socketPath: directory.file("gate.sock"), deadline: deadline,
            ledger: LedgerOptions(
                path: directory.file("ledger-0.tgl"), holderID: "h1", layout: LedgerLayout(slotCount: 4096)),
            isRedisOwn: true, version: "0.0.1", keys: keys)
        configure(&configuration)
        self.configuration = configuration
        let endpoint = RedisEndpoint(location: .unix(path: redis.socketPath))
        try endpoint.refresh()
        let mailbox = try Mailbox<Job>(capacity: 64)
        self.mailbox = mailbox
        thread = try LoopThread(name: "gate") { [configuration, metrics] in
            do {
                let loop = try EventLoop()
                var logger = Logger(label: "gate")
                logger.logLevel = .critical
                let server = try GateServer(
                    loop: loop, configuration: configuration, catalogue: catalogue, endpoint: endpoint,
                    metrics: metrics, logger: logger)
                try mailbox.attach(to: loop) { $0.body(server) }
                try server.start {}
                try loop.run()
                server.close()
            } catch {
                print("the gate of a test could not start: \(error)")
            }
        }
    }

    /// A client of the gate.
    func connect(timeout: Duration = .seconds(60)) throws -> GateClient {
        try GateClient(configuration.socketPath, timeout: timeout)
    }

    /// Runs `body` on the gate's thread.
    func onLoop<Answer: Sendable>(_ body: @escaping @Sendable (GateServer) -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in
            let job = Job { continuation.resume(returning: body($0)) }
            precondition(mailbox.post(job), "the gate takes no messages")
        }
    }

    /// Writes a tenant's record, in place of any other.
    func put(_ tenant: String, plan: String, version: Int64 = 1, _ change: (inout Tenant) -> Void = { _ in }) throws {
        var record = Tenant(id: tenant, plan: plan, createdAt: 1_700_000_000)
        change(&record)
        let fields = record.fields.flatMap { [$0.key, $0.value] }
        let client = try redis.connect()
        _ = try client.call("DEL", keys.tenant(tenant))
        _ = try client.call(["HSET", keys.tenant(tenant), "v", String(version)] + fields)
        _ = try client.call("SET", keys.records, String(version))
        // As the control plane tells its own gate.
        precondition(mailbox.post(Job { $0.receive(.recordChanged(tenant, done: {})) }), "the gate takes no messages")
    }

    /// Asks the gate to stop, as a service manager's signal does.
    func stop(within microseconds: Int64 = 5_000_000) async {
        await onLoop { $0.receive(.stop(deadline: BootClock.now() + microseconds)) }
    }

    private func end() {
        let stopped = Job { server in
            server.receive(.stop(deadline: BootClock.now()))
        }
        // A gate that a test has stopped already reads its mailbox no more.
        _ = mailbox.post(stopped)
        thread.join()
    }
}

extension Catalogue {
    /// Meters of every kind; `starter` limits them all but `late`, `plus` names the counter only.
    static let standard = Catalogue(
        meters: [
            Meter(name: "messages", kind: .counter, cycle: .month, stripe: StripeMeter(eventName: "messages")),
            Meter(name: "calls", kind: .rate, cycle: .hour), Meter(name: "seats", kind: .level),
            Meter(name: "tokens", kind: .counter, cycle: .month), Meter(name: "late", kind: .counter, cycle: .day),
        ],
        plans: [
            Plan(
                slug: "starter", name: "Starter", features: ["export"],
                limits: [
                    "messages": Limit(value: 100_000), "calls": Limit(value: 60, burst: 10), "seats": Limit(value: 5),
                    "tokens": Limit(value: 100, mode: .overage, cap: 150),
                ]),
            Plan(slug: "plus", name: "Plus", limits: ["messages": Limit(value: Amount.unlimited)]),
        ],
        defaultPlan: "starter", features: ["export", "sso"])

    /// The same without a plan for strangers.
    static let strict = Catalogue(meters: standard.meters, plans: standard.plans, features: standard.features)
}
