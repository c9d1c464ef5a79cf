/// Everything a Stripe account would remember, as it stands in the state file.
struct AccountState: Codable, Sendable {
    /// How far the sandbox clock is ahead of the machine's, in seconds.
    var clockOffsetSeconds = 0
    var customers = CustomerTable()
    var meters = MeterTable()
    var usage = UsageTable()
    var products = ProductTable()
    var prices = PriceTable()
    var subscriptions = SubscriptionTable()
    var invoices = InvoiceTable()
    var events = EventTable()
    var webhooks = WebhookTable()
    /// Identifiers of meter events, unique for 24 hours; the value is the event's name.
    var identifiers = ExpiringMap<String>(lifetimeSeconds: 86_400, capacity: 500_000)
    /// Answers saved under an `Idempotency-Key`, replayed for 24 hours.
    var savedAnswers = ExpiringMap<SavedAnswer>(lifetimeSeconds: 86_400, capacity: 100_000)
}
