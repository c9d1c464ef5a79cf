import Foundation
import Gate
import Ledger
import Metering
import RedisLink
import Settings

/// How validated settings become what each module is told.
enum DaemonParts {
    /// How many notices of a partition may wait to be delivered.
    private static let mostNotices = 10_000

    static func endpoint(_ settings: RedisSettings, managed: ManagedRedis?) -> RedisEndpoint {
        switch settings.location {
        case .managed: managed?.endpoint ?? RedisEndpoint(location: .unix(path: ""))
        case .unix(let path, let database):
            RedisEndpoint(
                location: .unix(path: path), user: settings.user, password: settings.password?.reveal(),
                database: database)
        case .tcp(let host, let port, let database):
            RedisEndpoint(
                location: .tcp(host: host, port: UInt16(port)), user: settings.user,
                password: settings.password?.reveal(), database: database)
        }
    }

    static func keys(_ settings: RedisSettings) -> KeySpace {
        KeySpace(prefix: settings.keyPrefix, partitions: settings.partitions)
    }

    static func auditOrigin(_ settings: DaemonSettings) -> AuditOrigin {
        AuditOrigin(
            holderID: settings.holderID, retentionMilliseconds: microseconds(settings.auditRetention) / 1000)
    }

    static func gate(_ settings: DaemonSettings) -> GateConfiguration {
        GateConfiguration(
            socketPath: settings.gate.socket, socketMode: UInt32(settings.gate.mode), socketGroup: settings.gate.group,
            allowedUserIDs: settings.gate.allowUIDs.map { Set($0) }, maxConnections: settings.gate.maxConnections,
            idleTimeout: settings.gate.idleTimeout.map { microseconds($0) },
            maxRequestBytes: settings.gate.maxRequestBytes, maxOutputBytes: settings.gate.maxOutputBytes,
            deadline: microseconds(settings.redis.deadline),
            slowLogThreshold: settings.gate.slowLog.map { microseconds($0) },
            idempotencyMilliseconds: microseconds(settings.idempotencyTTL) / 1000,
            usageRetentionSeconds: microseconds(settings.usageRetention) / 1_000_000,
            auditMilliseconds: auditOrigin(settings).retentionMilliseconds,
            maxStrangers: settings.tenants.maxUnknown, ledger: ledger(settings),
            leases: leases(settings), confirmsWithRedis: settings.ledger.durability == .redis,
            isRedisOwn: settings.redis.location == .managed,
            mostNotices: settings.notify.url == nil ? 0 : mostNotices, version: Release.version,
            keys: keys(settings.redis))
    }

    private static func ledger(_ settings: DaemonSettings) -> LedgerOptions {
        LedgerOptions(
            path: StateDirectory.ledger(in: settings.stateDirectory), holderID: settings.holderID,
            layout: LedgerLayout(slotCount: settings.ledger.slots),
            durability: settings.ledger.durability == .power ? .power : .process,
            retentionHours: Int(settings.ledger.retention / .seconds(3600)),
            // A switch for measurements alone, so no setting: what a mapped file costs against plain memory.
            isPrivate: ProcessInfo.processInfo.environment["TOLLGATE_BENCH_PRIVATE_LEDGER"] == "1")
    }

    private static func leases(_ settings: DaemonSettings) -> LeaseSettings {
        LeaseSettings(
            ttl: microseconds(settings.leases.ttl), grace: microseconds(settings.leases.grace),
            horizon: microseconds(settings.leases.horizon),
            recallDeadline: microseconds(settings.leases.recallDeadline),
            replyDeadline: microseconds(settings.redis.deadline),
            reservationTTL: microseconds(settings.leases.reservationTTL))
    }

    /// Whether this sidecar's ledger knows of anything: then Redis is not new, however empty it is.
    static func hasLedger(_ settings: DaemonSettings) -> Bool {
        do throws(LedgerError) {
            return try LedgerReader(StateDirectory.ledger(in: settings.stateDirectory)).first { _ in true } != nil
        } catch {
            // There is none, or the gate will say what is wrong with it.
            return false
        }
    }

    private static func microseconds(_ duration: Duration) -> Int64 { Int64(duration / .microseconds(1)) }
}
