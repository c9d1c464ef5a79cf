public import Metering

/// Everything that the daemon is told from outside, validated. Made by ``load(configPath:plansPath:environment:)``; a
/// value that exists is good.
public struct DaemonSettings: Sendable, Equatable {
    /// The directory of the managed Redis and other state (`state_dir`).
    public var stateDirectory: String
    /// This sidecar's name among the others (`holder_id`), see ``Identifier/isHolderID(_:)-(String)``.
    public var holderID: String
    /// The gate.
    public var gate: GateSettings
    /// Redis.
    public var redis: RedisSettings
    /// The ledger.
    public var ledger: LedgerSettings
    /// The leases.
    public var leases: LeasesSettings
    /// The control API.
    public var control: ControlSettings
    /// Stripe.
    public var stripe: StripeSettings
    /// Stripe's events.
    public var webhook: WebhookSettings
    /// Notices.
    public var notify: NotifySettings
    /// How long an idempotency key is remembered (`idempotency.ttl`).
    public var idempotencyTTL: Duration
    /// How long usage is kept by the hour (`usage.retention`).
    public var usageRetention: Duration
    /// How long audit entries are kept (`audit.retention`).
    public var auditRetention: Duration
    /// How long a clean stop may take (`shutdown.timeout`).
    public var shutdownTimeout: Duration
    /// Bounds on tenants.
    public var tenants: TenantsSettings
    /// Logs.
    public var log: LogSettings
    /// What `plans.yaml` says.
    public var catalogue: Catalogue
    /// The path of tollgate.yaml; nil if there is none and defaults stand.
    public var configPath: String?
    /// The path of plans.yaml.
    public var plansPath: String
    /// What is allowed and not wise, a sentence each, such as a secret in a file that others can read.
    public var warnings: [String]
}
