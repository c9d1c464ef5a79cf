/// Where Stripe's events come in (`webhook.*`).
public struct WebhookSettings: Sendable, Equatable {
    /// The TCP address of the listener; nil for none, whatever secrets there are.
    public var listen: ListenAddress?
    /// How far the time of a signature may be away from this host's.
    public var tolerance: Duration
    /// The endpoint's signing secrets (`STRIPE_WEBHOOK_SECRET`): one, and while it is rolled the old one too. Without
    /// one nothing listens.
    public var secrets: [Secret]

    /// Whether there is a listener.
    public var isServed: Bool { listen != nil && !secrets.isEmpty }
}
