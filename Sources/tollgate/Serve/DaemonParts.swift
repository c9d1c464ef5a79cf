import Gate
import Metering
import RedisLink
import Settings

/// How validated settings become what each module is told.
enum DaemonParts {
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

    static func gate(_ settings: DaemonSettings, holder: String) -> GateConfiguration {
        GateConfiguration(
            socketPath: settings.gate.socket, socketMode: UInt32(settings.gate.mode), socketGroup: settings.gate.group,
            allowedUserIDs: settings.gate.allowUIDs.map { Set($0) }, maxConnections: settings.gate.maxConnections,
            idleTimeout: settings.gate.idleTimeout.map { microseconds($0) },
            maxRequestBytes: settings.gate.maxRequestBytes, maxOutputBytes: settings.gate.maxOutputBytes,
            deadline: microseconds(settings.redis.deadline),
            idempotencyMilliseconds: microseconds(settings.idempotencyTTL) / 1000,
            usageRetentionSeconds: microseconds(settings.usageRetention) / 1_000_000,
            maxStrangers: settings.tenants.maxUnknown, holder: holder, version: Release.version,
            keys: keys(settings.redis))
    }

    private static func microseconds(_ duration: Duration) -> Int64 { Int64(duration / .microseconds(1)) }
}
