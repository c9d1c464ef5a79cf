/// A customer at Stripe with its current subscriptions, as far as it matters for becoming a tenant.
public struct ImportedCustomer: Sendable, Equatable {
    /// What its metadata, and that of a subscription, name the tenant by.
    public static let metadataKey = "tenant_id"

    /// `cus_…`.
    public var id: String
    /// The tenant that its metadata names.
    public var tenant: String?
    /// The tenant that the operator's file names.
    public var mapped: String?
    /// Its subscriptions that have not ended.
    public var subscriptions: [ImportedSubscription]
    /// Whether it has more of them than were read.
    public var hasMore: Bool

    /// Takes its parts as they are.
    public init(
        id: String, tenant: String? = nil, mapped: String? = nil, subscriptions: [ImportedSubscription] = [],
        hasMore: Bool = false
    ) {
        self.id = id
        self.tenant = tenant
        self.mapped = mapped
        self.subscriptions = subscriptions
        self.hasMore = hasMore
    }
}

/// A subscription at Stripe that has not ended. Times are Unix seconds.
public struct ImportedSubscription: Sendable, Equatable {
    /// One of its prices, with the period that is paid for: since 2025-03-31.basil each item has its own
    /// (docs.stripe.com/changelog/basil).
    public struct Item: Sendable, Equatable {
        /// `price_…`.
        public var price: String
        /// The period's start.
        public var periodStart: Int64
        /// The period's end, exclusive.
        public var periodEnd: Int64

        /// Takes its parts as they are.
        public init(price: String, periodStart: Int64, periodEnd: Int64) {
            self.price = price
            self.periodStart = periodStart
            self.periodEnd = periodEnd
        }
    }

    /// `sub_…`.
    public var id: String
    /// In Stripe's words.
    public var status: String
    /// The tenant that its metadata names.
    public var tenant: String?
    /// The instant that its periods are counted from.
    public var anchor: Int64?
    /// What it is made of.
    public var items: [Item]

    /// Takes its parts as they are.
    public init(id: String, status: String, tenant: String? = nil, anchor: Int64? = nil, items: [Item]) {
        self.id = id
        self.status = status
        self.tenant = tenant
        self.anchor = anchor
        self.items = items
    }
}
