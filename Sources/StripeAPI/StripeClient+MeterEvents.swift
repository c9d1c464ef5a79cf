extension StripeClient {
    /// Sends one meter event (`POST /v1/billing/meter_events`).
    ///
    /// - Parameters:
    ///   - eventName: of an active meter, 1 to 100 characters.
    ///   - timestamp: seconds since the Unix epoch; Stripe takes 35 days back and 5 minutes ahead.
    ///   - identifier: 1 to 100 characters, unique for at least 24 hours. Stripe refuses a second event with it, with a
    ///     message that begins "An event already exists with identifier".
    ///   - payload: the customer and the value, under the keys the meter names. Values have at most 15 digits.
    ///   - idempotencyKey: 1 to 255 printable characters. The same key with the same event replays the first answer.
    public func createMeterEvent(
        eventName: String, timestamp: Int64, identifier: String, payload: [String: String], idempotencyKey: String
    ) async throws(StripeError) -> MeterEvent {
        guard (1...100).contains(eventName.count) else {
            throw .local(.invalidArgument, "an event name is 1 to 100 characters")
        }
        guard (1...100).contains(identifier.count) else {
            throw .local(.invalidArgument, "an identifier is 1 to 100 characters")
        }
        let body = Form([
            "event_name": .text(eventName),
            "identifier": .text(identifier),
            "payload": .map(Form(sorting: payload)),
            "timestamp": .integer(timestamp),
        ])
        return try await post(
            "/v1/billing/meter_events", body: body, idempotencyKey: idempotencyKey, as: MeterEvent.self)
    }

    /// What Stripe has recorded for a customer, an element an hour that has any
    /// (`GET /v1/billing/meters/{id}/event_summaries`).
    ///
    /// - Parameters:
    ///   - meter: `mtr_…`.
    ///   - customer: `cus_…`.
    ///   - fromHour: the first hour, in hours since the Unix epoch.
    ///   - toHour: the hour after the last, above `fromHour`.
    public func eventSummaries(
        meter: String, customer: String, fromHour: Int64, toHour: Int64
    ) async throws(StripeError) -> [MeterEventSummary] {
        let filter = Form([
            "customer": .text(customer),
            "start_time": .integer(fromHour * 3600),
            "end_time": .integer(toHour * 3600),
            "value_grouping_window": .text("hour"),
        ])
        let path = "/v1/billing/meters/\(Form.escape(meter))/event_summaries"
        return try await listAll(path, filter: filter, of: MeterEventSummary.self) { $0.id }
    }
}
