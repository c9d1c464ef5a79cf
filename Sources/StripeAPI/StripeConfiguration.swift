/// What a `StripeClient` needs to know. Only `secretKey` is secret, and it does not print.
public struct StripeConfiguration: Sendable {
    /// The version every request names in `Stripe-Version`: the newest whose requests were checked against Stripe's
    /// contract. Answers then keep that version's shape whatever the account's default is.
    public static let newestAPIVersion = "2026-10-28.endive"

    /// The last version with usage records, which requests about those name whatever is configured
    /// (docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
    public static let usageRecordsAPIVersion = "2024-12-18.acacia"

    /// Stripe's own address of the API (docs.stripe.com/api).
    public static let stripeBase = "https://api.stripe.com"
    /// Stripe's own address of the meter event stream
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
    public static let stripeMeterEventsBase = "https://meter-events.stripe.com"

    /// Scheme and host, without a slash at the end.
    public let apiBase: String
    /// Where the meter event stream is, without a slash at the end.
    public let meterEventsBase: String
    /// Sent as `Stripe-Version`.
    public var apiVersion: String
    /// Sent as the bearer.
    public var secretKey: StripeSecretKey
    /// How fast and how many at once calls go out.
    public var limits: StripeLimits
    /// The longest a call may wait for its turn in that pace; one that would wait longer fails with `paced`.
    public var longestPacing: Duration
    /// Of each request, from its turn to its whole answer.
    public var deadline: Duration
    /// Who is calling.
    public var appInfo: StripeAppInfo

    /// The defaults are those of tollgate's settings. A slash at the end of a base is dropped. Without a
    /// `meterEventsBase` the stream is at Stripe's own address, or, when the API is elsewhere, there too.
    public init(
        apiBase: String = StripeConfiguration.stripeBase,
        meterEventsBase: String? = nil,
        apiVersion: String = StripeConfiguration.newestAPIVersion,
        secretKey: StripeSecretKey,
        limits: StripeLimits = StripeLimits(),
        longestPacing: Duration = .seconds(10),
        deadline: Duration = .seconds(30),
        appInfo: StripeAppInfo
    ) {
        let api = Self.withoutSlash(apiBase)
        self.apiBase = api
        self.meterEventsBase = Self.withoutSlash(
            meterEventsBase ?? (api == Self.stripeBase ? Self.stripeMeterEventsBase : api))
        self.apiVersion = apiVersion
        self.secretKey = secretKey
        self.limits = limits
        self.longestPacing = longestPacing
        self.deadline = deadline
        self.appInfo = appInfo
    }

    private static func withoutSlash(_ base: String) -> String {
        base.hasSuffix("/") ? String(base.dropLast()) : base
    }
}
