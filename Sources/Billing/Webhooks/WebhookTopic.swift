/// What an event of Stripe's is about, for those that tollgate follows.
public enum WebhookTopic: Sendable, Equatable {
    /// Meter events that Stripe took and could not use.
    case meterErrors
    /// An invoice began, changed or ended.
    case invoice

    /// Every event type that is followed, as an endpoint at Stripe should send them.
    ///
    /// The meter's are thin events (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api, "Handle
    /// meter event errors"); the invoice's are in docs.stripe.com/api/events/types.
    public static let types: [String: WebhookTopic] = [
        "v1.billing.meter.error_report_triggered": .meterErrors,
        "v1.billing.meter.no_meter_found": .meterErrors,
        "invoice.created": .invoice,
        "invoice.updated": .invoice,
        "invoice.finalized": .invoice,
        "invoice.voided": .invoice,
        "invoice.deleted": .invoice,
    ]

    /// Nil for a type that is only acknowledged.
    public init?(type: String) {
        guard let topic = Self.types[type] else { return nil }
        self = topic
    }

    /// The type as a metric's label, so that senders cannot make up labels.
    public static func label(_ type: String) -> String { types[type] == nil ? "other" : type }
}
