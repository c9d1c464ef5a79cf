import Control
import Logging
import RedisLink
import Settings

/// Where Stripe's events come in, as the settings say, with its own connection to Redis.
struct WebhookIntake {
    /// Nil where nothing listens.
    let endpoint: WebhookEndpoint?
    private let client: RedisClient?

    /// Says in the log when nothing listens.
    init(_ settings: DaemonSettings, live: LiveSettings, endpoint redis: RedisEndpoint, logger: Logger) throws {
        guard let listen = settings.webhook.listen, settings.webhook.isServed else {
            if settings.webhook.listen != nil, settings.stripe.secretKey != nil {
                logger.info("no webhooks of Stripe's are taken: STRIPE_WEBHOOK_SECRET is not set")
            }
            endpoint = nil
            client = nil
            return
        }
        let client = try RedisClient(endpoint: redis, name: "tollgate-webhooks")
        self.client = client
        endpoint = WebhookEndpoint(
            host: listen.host, port: listen.port,
            secrets: { live.current.webhook.secrets.compactMap { WebhookSecret($0.reveal()) } },
            tolerance: { live.current.webhook.tolerance },
            store: RedisStore(client: client, keys: DaemonParts.keys(settings.redis)))
    }

    /// Ends the connection.
    func close() { client?.close() }
}
