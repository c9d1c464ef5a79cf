public import Metering

/// Stripe (`stripe.*`).
public struct StripeSettings: Sendable, Equatable {
    /// The URL that paths such as `/v1/billing/meter_events` are appended to, without a slash at its end.
    public var apiBase: String
    /// Where the meter event stream is, without a slash at its end; nil for Stripe's own host, or, when `apiBase` is
    /// not Stripe's, the same as that.
    public var meterEventsBase: String?
    /// The `Stripe-Version` of each request.
    public var apiVersion: String
    /// How often what is owed is sent.
    public var flushInterval: Duration
    /// The most requests a second, all of this sidecar's together, meter events aside unless `isStripeSandbox`.
    public var requestsPerSecond: Int
    /// The most meter events a second that go one a request.
    public var meterEventsPerSecond: Int
    /// The most meter events a second through the meter event stream.
    public var streamEventsPerSecond: Int
    /// How long one request may take, from its turn to its whole answer.
    public var timeout: Duration
    /// Which of Stripe's meter event routes is used: `v1` or `v2`.
    public var meterEvents: MeterEventsRoute
    /// With more hours owed than this, meter events go to Stripe's stream.
    public var streamAbove: Int
    /// How long Stripe's summaries follow behind what it took. Stripe states no time: they "might not
    /// immediately reflect" it (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
    public var summaryLag: Duration
    /// How long before a draft invoice is finalised nothing more is sent to its period.
    public var booksMargin: Duration
    /// How often a tenant's acknowledged hours are compared with what Stripe recorded.
    public var checkInterval: Duration
    /// The key (`STRIPE_SECRET_KEY`); nil meters without billing.
    public var secretKey: Secret?

    /// Whether the key is one of a sandbox at Stripe, where meter events count like all other requests and all together
    /// may be 25 a second (docs.stripe.com/rate-limits).
    public var isStripeSandbox: Bool {
        StripeSettings.isStripeSandbox(apiBase: apiBase, key: secretKey)
    }

    static func isStripeSandbox(apiBase: String, key: Secret?) -> Bool {
        guard apiBase == standardBase, let text = key?.reveal() else { return false }
        return text.hasPrefix("sk_test_") || text.hasPrefix("rk_test_")
    }

    /// Stripe's own address of its API.
    static let standardBase = "https://api.stripe.com"
}
