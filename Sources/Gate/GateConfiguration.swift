internal import Glibc
public import Ledger
public import Metering
public import RedisLink

/// What the gate is told at its start. Times in microseconds unless named otherwise.
public struct GateConfiguration: Sendable {
    /// Where it listens.
    public var socketPath: String
    /// The socket's mode, such as 0o660.
    public var socketMode: UInt32
    /// The socket's group; nil keeps the process's.
    public var socketGroup: String?
    /// The users that may connect; nil lets the socket's mode decide alone.
    public var allowedUserIDs: Set<UInt32>?
    /// The users that see and end all connections: root, and the one that this process runs as.
    var operatorUserIDs: Set<UInt32> = [0, geteuid()]
    /// How many clients at once.
    public var maxConnections: Int
    /// A client silent for so long is closed; nil never.
    public var idleTimeout: Int64?
    /// The longest request, framing included, in bytes.
    public var maxRequestBytes: Int
    /// Reading from a client stops while so many bytes of answers wait for it.
    public var maxOutputBytes: Int
    /// The longest a decision waits for Redis.
    public var deadline: Int64
    /// How long an answer to an idempotency key is kept, in milliseconds.
    public var idempotencyMilliseconds: Int64
    /// How long an hour's totals are kept, in seconds.
    public var usageRetentionSeconds: Int64
    /// How long audit entries are kept, in milliseconds.
    public var auditMilliseconds: Int64
    /// Calls that waited for so long are kept for `SLOWLOG`; nil keeps none.
    public var slowLogThreshold: Int64?
    /// How many tenants without a record may use something, over all partitions.
    public var maxStrangers: Int
    /// How this holder's rows are named in Redis: holder id, loop and incarnation. The gate takes it from its ledger.
    public internal(set) var holder = ""
    /// Where the ledger is, and how large.
    public var ledger: LedgerOptions
    /// How long leases last.
    public var leases: LeaseSettings
    /// Whether a call is answered only once Redis has its totals.
    public var confirmsWithRedis: Bool
    /// Whether no other holder can be at this Redis, because it is this sidecar's own.
    public var isRedisOwn: Bool
    /// How many notices of a partition may wait to be delivered; 0 when none are.
    public var mostNotices: Int
    /// The release, for `INFO` and `HELLO`.
    public var version: String
    /// The names of keys.
    public var keys: KeySpace

    /// Takes its parts as they are; Settings validates what a user says.
    public init(
        socketPath: String, socketMode: UInt32 = 0o660, socketGroup: String? = nil,
        allowedUserIDs: Set<UInt32>? = nil, maxConnections: Int = 10_000, idleTimeout: Int64? = nil,
        maxRequestBytes: Int = 64 << 10, maxOutputBytes: Int = 1 << 20, deadline: Int64 = 20_000,
        slowLogThreshold: Int64? = 10_000, idempotencyMilliseconds: Int64 = 86_400_000,
        usageRetentionSeconds: Int64 = 400 * 86_400,
        auditMilliseconds: Int64 = RefundWire.defaultAuditMilliseconds,
        maxStrangers: Int = 100_000, ledger: LedgerOptions, leases: LeaseSettings = LeaseSettings(),
        confirmsWithRedis: Bool = false, isRedisOwn: Bool = false,
        mostNotices: Int = 0, version: String, keys: KeySpace
    ) {
        self.socketPath = socketPath
        self.socketMode = socketMode
        self.socketGroup = socketGroup
        self.allowedUserIDs = allowedUserIDs
        self.maxConnections = maxConnections
        self.idleTimeout = idleTimeout
        self.maxRequestBytes = maxRequestBytes
        self.maxOutputBytes = maxOutputBytes
        self.deadline = deadline
        self.idempotencyMilliseconds = idempotencyMilliseconds
        self.usageRetentionSeconds = usageRetentionSeconds
        self.auditMilliseconds = auditMilliseconds
        self.slowLogThreshold = slowLogThreshold
        self.maxStrangers = maxStrangers
        self.ledger = ledger
        self.leases = leases
        self.confirmsWithRedis = confirmsWithRedis
        self.isRedisOwn = isRedisOwn
        self.mostNotices = mostNotices
        self.version = version
        self.keys = keys
    }

    /// How many strangers one partition may hold.
    var maxStrangersPerPartition: Int { (maxStrangers + keys.partitions - 1) / keys.partitions }
}
