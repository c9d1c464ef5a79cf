import FoundationEssentials

/// `/v1/subscription_items/{id}/usage_records` and `…/usage_record_summaries`: usage of metered prices that have no
/// meter.
/// Removed with 2025-03-31.basil (docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
extension Account {
    /// How long after a period's turn usage of the one before is still taken, with `aggregate_usage=sum` only: "a
    /// short grace of minutes" (docs.stripe.com/billing/subscriptions/usage-based-legacy/recording-usage).
    static let usageRecordGraceSeconds = 300

    static let usageRecordParameters: [Parameter] = [
        .optional("action", .choice(["increment", "set"])),
        .optional("expand", .list(.text(), maximum: 20)),
        .required("quantity", .integer(0...999_999_999_999_999)),
        .optional("timestamp", .text(maximum: 20)),
    ]

    func createUsageRecord(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        let (item, aggregate) = try legacyItem(id)
        let timestamp = try usageRecordTime(arguments.text("timestamp") ?? "now")
        try check(timestamp, item, aggregate)
        let quantity = try arguments.requiredInteger("quantity")
        let isSet = arguments.text("action") == "set"
        _ = state.usageRecords.record(id, at: timestamp, quantity, overwriting: isSet)
        return .object([
            "id": .text(RandomID.make("mbur_", length: 24)),
            "object": .text("usage_record"),
            "livemode": .boolean(false),
            "quantity": .integer(quantity),
            "subscription_item": .text(id),
            "timestamp": .integer(timestamp),
        ])
    }

    /// Newest period first; the current one has no invoice yet.
    func listUsageRecordSummaries(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        let (item, aggregate) = try legacyItem(id)
        let latest = state.subscriptions.item(id)?.subscription.latestInvoice
        let periods = [(item.period, nil)] + (item.previousPeriod.map { [($0, latest)] } ?? [])
        return try Page.cut(
            periods, arguments, url: "/v1/subscription_items/\(id)/usage_record_summaries",
            noun: "usage record summary", id: { Self.summaryID(id, $0.0) }
        ) { period, invoice in
            .object([
                "id": .text(Self.summaryID(id, period)),
                "object": .text("usage_record_summary"),
                "invoice": .optional(invoice),
                "livemode": .boolean(false),
                "period": .object(["start": .integer(period.lowerBound), "end": .integer(period.upperBound)]),
                "subscription_item": .text(id),
                "total_usage": .number(legacyUsage(of: item, aggregate, in: period)),
            ])
        }
    }

    private static func summaryID(_ item: String, _ period: Range<Int>) -> String {
        "sis_\(item.suffix(12))\(period.lowerBound)"
    }

    private func legacyItem(_ id: String) throws(APIError) -> (SubscriptionItem, Price.AggregateUsage) {
        guard let item = state.subscriptions.item(id)?.item else {
            throw .noSuch("subscription_item", id, param: "id", status: 404)
        }
        guard let price = state.prices[item.price], price.isLegacyMetered else {
            throw .invalid(
                "Usage records can only be created for subscription items whose price is metered and has no meter.",
                param: "id")
        }
        return (item, price.recurring?.aggregateUsage ?? .sum)
    }

    private func usageRecordTime(_ text: String) throws(APIError) -> Int {
        if text == "now" { return now }
        guard let time = Int(text), time >= 0 else {
            throw .invalid("Invalid timestamp: it must be 'now' or Unix seconds.", param: "timestamp").beforeExecution
        }
        return time
    }

    /// "This timestamp must be within the current billing period … and must not be in the future"
    /// (docs.stripe.com/api/usage_records/create).
    private func check(
        _ timestamp: Int, _ item: SubscriptionItem, _ aggregate: Price.AggregateUsage
    ) throws(APIError) {
        guard timestamp <= now else {
            throw .invalid(
                "Cannot create the usage record with this timestamp because it is in the future.", param: "timestamp")
        }
        if item.period.contains(timestamp) { return }
        let isInGrace =
            aggregate == .sum && now < item.period.lowerBound + Self.usageRecordGraceSeconds
            && item.previousPeriod?.contains(timestamp) == true
        guard isInGrace else {
            throw .invalid(
                "Cannot create the usage record with this timestamp because timestamps must be within the current "
                    + "billing period of the subscription item (\(item.period.lowerBound) to "
                    + "\(item.period.upperBound)).", param: "timestamp")
        }
    }
}
