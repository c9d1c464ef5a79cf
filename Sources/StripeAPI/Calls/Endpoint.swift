/// Every operation of Stripe's API that this client calls: `METHOD PATH`, with `{}` for each id in the path. The tests
/// hold this list against Stripe's own description, so a call that is not in it cannot be made.
enum Endpoint: String, CaseIterable {
    case createMeterEvent = "POST /v1/billing/meter_events"
    case createMeterEventV2 = "POST /v2/billing/meter_events"
    case createStreamSession = "POST /v2/billing/meter_event_session"
    case sendToStream = "POST /v2/billing/meter_event_stream"
    case listMeters = "GET /v1/billing/meters"
    case createMeter = "POST /v1/billing/meters"
    case listEventSummaries = "GET /v1/billing/meters/{}/event_summaries"
    case createUsageRecord = "POST /v1/subscription_items/{}/usage_records"
    case listUsageRecordSummaries = "GET /v1/subscription_items/{}/usage_record_summaries"
    case listSubscriptionItems = "GET /v1/subscription_items"
    case retrieveSubscription = "GET /v1/subscriptions/{}"
    case listSubscriptions = "GET /v1/subscriptions"
    case listCustomers = "GET /v1/customers"
    case retrievePrice = "GET /v1/prices/{}"
    case listPrices = "GET /v1/prices"
    case createPrice = "POST /v1/prices"
    case createProduct = "POST /v1/products"
    case retrieveInvoice = "GET /v1/invoices/{}"
    case listInvoices = "GET /v1/invoices"
    case retrieveCoreEvent = "GET /v2/core/events/{}"

    /// `GET` or `POST`.
    var method: String { rawValue.hasPrefix("GET ") ? "GET" : "POST" }

    /// The path with the id in its place.
    func path(_ id: String?) -> String {
        let template = rawValue.dropFirst(method.utf8.count + 1)
        return String(id.map { template.replacing("{}", with: Form.escape($0)) } ?? template)
    }

    /// Usage records and what reads them ended with 2025-03-31.basil, so their requests name an older version whatever
    /// is configured (docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
    var isUsageRecords: Bool { self == .createUsageRecord || self == .listUsageRecordSummaries }

    /// Whether it takes usage.
    var isUsage: Bool {
        switch self {
        case .createMeterEvent, .createMeterEventV2, .sendToStream, .createUsageRecord: true
        default: false
        }
    }
}
