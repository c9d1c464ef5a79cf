extension StripeClient {
    /// Sets the quantity of an item at a timestamp (`POST /v1/subscription_items/{id}/usage_records`, `action=set`):
    /// what was recorded there before is replaced.
    ///
    /// - Parameters:
    ///   - item: `si_…`.
    ///   - quantity: a whole number, not below 0.
    ///   - timestamp: seconds since the Unix epoch, inside the item's current period and not in the future, else Stripe
    ///     refuses it (API reference of 2024-12-18.acacia).
    ///   - idempotencyKey: 1 to 255 printable characters. The same key with the same arguments replays the first
    ///     answer.
    public func createUsageRecord(
        item: String, quantity: Int64, timestamp: Int64, idempotencyKey: String
    ) async throws(StripeError) -> UsageRecord {
        guard quantity >= 0 else { throw .local(.invalidArgument, "a usage record's quantity is not below 0") }
        let body = Form([
            "action": .text("set"), "quantity": .integer(quantity), "timestamp": .integer(timestamp),
        ])
        return try await post(
            .createUsageRecord, id: item, .form(body), key: idempotencyKey, about: .subscriptionItem(item),
            as: UsageRecord.self)
    }

    /// What an item has recorded, period by period, the newest first
    /// (`GET /v1/subscription_items/{id}/usage_record_summaries`).
    public func usageRecordSummaries(item: String) async throws(StripeError) -> [UsageRecordSummary] {
        try await listAll(.listUsageRecordSummaries, id: item, filter: Form(), of: UsageRecordSummary.self)
    }
}
