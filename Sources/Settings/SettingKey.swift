/// Every key of tollgate.yaml that works. Each can be set by environment as well.
enum SettingKey: String, CaseIterable {
    case stateDirectory = "state_dir"
    case holderID = "holder_id"
    case gateSocket = "gate.socket"
    case gateMode = "gate.mode"
    case gateGroup = "gate.group"
    case gateAllowUIDs = "gate.allow_uids"
    case gateMaxConnections = "gate.max_connections"
    case gateIdleTimeout = "gate.idle_timeout"
    case gateMaxRequest = "gate.max_request"
    case gateMaxOutput = "gate.max_output"
    case gateSlowLog = "gate.slowlog"
    case gateLoops = "gate.loops"
    case redisURL = "redis.url"
    case redisDeadline = "redis.deadline"
    case redisPartitions = "redis.partitions"
    case redisKeyPrefix = "redis.key_prefix"
    case ledgerSlots = "ledger.slots"
    case ledgerRetention = "ledger.retention"
    case durability
    case leaseHorizon = "lease.horizon"
    case leaseTTL = "lease.ttl"
    case leaseGrace = "lease.grace"
    case leaseRecallDeadline = "lease.recall_deadline"
    case reservationMaxTTL = "reservation.max_ttl"
    case controlSocket = "control.socket"
    case controlListen = "control.listen"
    case stripeAPIBase = "stripe.api_base"
    case stripeMeterEventsBase = "stripe.meter_events_base"
    case stripeAPIVersion = "stripe.api_version"
    case stripeFlushInterval = "stripe.flush_interval"
    case stripeRequestsPerSecond = "stripe.requests_per_second"
    case stripeMeterEventsPerSecond = "stripe.meter_events_per_second"
    case stripeStreamEventsPerSecond = "stripe.stream_events_per_second"
    case stripeTimeout = "stripe.timeout"
    case stripeMeterEvents = "stripe.meter_events"
    case stripeStreamAbove = "stripe.stream_above"
    case stripeSummaryLag = "stripe.summary_lag"
    case stripeBooksMargin = "stripe.books_margin"
    case webhookListen = "webhook.listen"
    case webhookTolerance = "webhook.tolerance"
    case stripeCheckInterval = "stripe.check_interval"
    case notifyURL = "notify.url"
    case notifyTimeout = "notify.timeout"
    case notifyAllowHTTP = "notify.allow_http"
    case idempotencyTTL = "idempotency.ttl"
    case usageRetention = "usage.retention"
    case auditRetention = "audit.retention"
    case shutdownTimeout = "shutdown.timeout"
    case tenantsMaxUnknown = "tenants.max_unknown"
    case logLevel = "log.level"
    case logFormat = "log.format"

    /// Keys that the manual names and nothing reads yet. They are refused, so that nobody relies on them.
    static let unsupported: Set<String> = [
        "billing_page.listen",
        "billing_page.public_url", "checkout.allowed_urls", "mail.smtp_url", "mail.from",
    ]

    /// The variable that sets the key: `TOLLGATE_REDIS_URL` for `redis.url`.
    var variable: String { SettingKey.variable(rawValue) }

    /// The variable of a dotted key.
    static func variable(_ key: String) -> String {
        "TOLLGATE_" + key.uppercased().replacing(".", with: "_")
    }
}
