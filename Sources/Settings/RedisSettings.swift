/// Redis (`redis.*`).
public struct RedisSettings: Sendable, Equatable {
    /// Where it is.
    public var location: RedisLocation
    /// The ACL user; nil for `default`.
    public var user: String?
    /// The password (`TOLLGATE_REDIS_PASSWORD`); nil to send none.
    public var password: Secret?
    /// The longest that a decision waits for Redis.
    public var deadline: Duration
    /// How many partitions tenants are spread over. Stored on first use, never changed.
    public var partitions: Int
    /// What every key begins with. Stored on first use, never changed.
    public var keyPrefix: String
}
