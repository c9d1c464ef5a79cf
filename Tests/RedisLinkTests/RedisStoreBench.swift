import RedisLink
import TestSupport

/// A store over a client of its own. Close the client at the test's end.
struct RedisStoreBench {
    let client: RedisClient
    let store: RedisStore

    init(_ redis: RedisServer, partitions: Int = 1) throws {
        client = try RedisClient(endpoint: RedisEndpoint(location: .unix(path: redis.socketPath)), name: "test")
        store = RedisStore(client: client, keys: KeySpace(prefix: "tg:", partitions: partitions))
    }
}

extension AuditNote {
    /// What is told of a change that a test makes.
    static let test = AuditNote(action: "tenant.put", actor: "uid:0")
}
