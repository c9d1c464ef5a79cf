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
    var received = ReceivedEvents()
    var reports = ErrorReports()
    var coreEvents = CoreEvents()
    var usageRecords = UsageRecordTable()
    /// Sessions of the meter event stream by their tokens; kept longer than they are good for, to tell a token that
    /// has run out from one that never was.
    var sessions = ExpiringMap<String, MeterEventSession>(lifetimeSeconds: 86_400, capacity: 10_000)
    /// Answers saved under an `Idempotency-Key`, replayed for 24 hours (docs.stripe.com/api/idempotent_requests).
    var savedAnswers = ExpiringMap<String, SavedAnswer>(lifetimeSeconds: 86_400, capacity: 100_000)
    /// Those of the v2 API, replayed for 30 days (docs.stripe.com/api-v2-overview#idempotency).
    var savedAnswersV2 = ExpiringMap<String, SavedAnswer>(lifetimeSeconds: 30 * 86_400, capacity: 100_000)
}
