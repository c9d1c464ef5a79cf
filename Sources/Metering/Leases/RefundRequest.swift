/// What a refund asks of Redis: units of some meters of one tenant, given back in one step.
public struct RefundRequest: Sendable, Equatable {
    /// One meter of the refund.
    public struct Item: Sendable, Equatable {
        /// Where units can be taken from.
        public enum Place: Sendable, Equatable {
            /// A counter's period, by its start in unix seconds, and the hours of it (since 1970) that may be lowered.
            case counter(period: Int64, hours: ClosedRange<Int64>)
            /// A level has no hours.
            case level
        }

        /// What is counted.
        public var meter: String
        /// Where units can be taken from.
        public var place: Place
        /// How many are to be given back.
        public var amount: Int64
        /// What the plan allows, which the answer tells again.
        public var limit: Int64
        /// Whether a lowered hour is owed to Stripe.
        public var isBilled: Bool

        /// A meter of a refund.
        public init(meter: String, place: Place, amount: Int64, limit: Int64, isBilled: Bool) {
            self.meter = meter
            self.place = place
            self.amount = amount
            self.limit = limit
            self.isBilled = isBilled
        }
    }

    /// An idempotency key, and the command and arguments that it stands for.
    public struct Key: Sendable, Equatable {
        /// The key itself.
        public let name: String
        /// What it stands for.
        public let meaning: String

        /// A key.
        public init(_ name: String, meaning: String) {
            self.name = name
            self.meaning = meaning
        }
    }

    /// Whose usage it is.
    public var tenant: String
    /// The version of the tenant's record; empty for none.
    public var version: String
    /// Whether nobody knows the tenant, as that record says.
    public var isUnknown = false
    /// Who asks Redis: holder id, loop and incarnation.
    public var holder: String
    /// Who wants it, for the audit.
    public var actor: String
    /// The life that the holder knows the partition to be in.
    public var life: StoreLife?
    /// Past this instant of Redis's clock (microseconds) nothing is changed.
    public var notAfter: Int64
    /// Whether less may be given back than was asked for, without asking others for what they have not told.
    public var isFinal = false
    /// The key that makes a repeat harmless.
    public var key: Key?
    /// The meters, each named once.
    public var items: [Item]

    /// A refund.
    public init(
        tenant: String, version: String, holder: String, actor: String, life: StoreLife?, notAfter: Int64,
        items: [Item]
    ) {
        self.tenant = tenant
        self.version = version
        self.holder = holder
        self.actor = actor
        self.life = life
        self.notAfter = notAfter
        self.items = items
    }

    /// Whether a counter is among the meters, whose hours a Redis that forgot may not have.
    public var hasCounter: Bool { items.contains { $0.place != .level } }
}
