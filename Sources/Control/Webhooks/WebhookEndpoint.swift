public import RedisLink

/// Where Stripe's events come in, and by what they are known as Stripe's.
public struct WebhookEndpoint: Sendable {
    /// An address or name of this host.
    public var host: String
    /// 1…65535, or 0 for a free port.
    public var port: Int
    /// The secrets that count, asked anew for each request, so that a reload is followed. At least one.
    public var secrets: @Sendable () -> [WebhookSecret]
    /// How far the signature's time may be away from this host's, asked likewise.
    public var tolerance: @Sendable () -> Duration
    /// Redis over a connection of its own: events wait there until the append-only file is written.
    public var store: RedisStore
    /// How long the head of a request may take, and then its body.
    public var readLimit: Duration

    /// Takes its parts as they are.
    public init(
        host: String, port: Int, secrets: @escaping @Sendable () -> [WebhookSecret],
        tolerance: @escaping @Sendable () -> Duration, store: RedisStore, readLimit: Duration = .seconds(10)
    ) {
        self.host = host
        self.port = port
        self.secrets = secrets
        self.tolerance = tolerance
        self.store = store
        self.readLimit = readLimit
    }
}
