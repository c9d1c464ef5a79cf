/// Where Redis is (`redis.url`).
public enum RedisLocation: Sendable, Equatable {
    /// tollgate runs a server of its own in its state directory.
    case managed
    /// A Unix socket: `unix:///path`, `unix:///path?db=1`.
    case unix(path: String, database: Int)
    /// TCP: `redis://host`, `redis://host:6379/1`.
    case tcp(host: String, port: Int, database: Int)
}
