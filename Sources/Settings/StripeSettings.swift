/// Stripe (`stripe.*`).
public struct StripeSettings: Sendable, Equatable {
    /// The URL that paths such as `/v1/billing/meter_events` are appended to, without a slash at its end.
    public var apiBase: String
    /// The `Stripe-Version` of each request.
    public var apiVersion: String
    /// How often what is owed is sent.
    public var flushInterval: Duration
    /// The most requests a second, all of this sidecar's together.
    public var requestsPerSecond: Int
    /// How long one request may take, from its turn to its whole answer.
    public var timeout: Duration
    /// The key (`STRIPE_SECRET_KEY`); nil meters without billing.
    public var secretKey: Secret?
}
