extension StripeClient {
    /// Sends one meter event (`POST /v1/billing/meter_events`).
    ///
    /// - Parameters:
    ///   - event: what to send.
    ///   - idempotencyKey: 1 to 255 printable characters. The same key with the same event replays the first answer.
    public func createMeterEvent(
        _ event: MeterEventRequest, idempotencyKey: String
    ) async throws(StripeError) -> MeterEvent {
        try check(event)
        let body = Form([
            "event_name": .text(event.eventName),
            "identifier": .text(event.identifier),
            "payload": .map(Form(sorting: event.payload)),
            "timestamp": .integer(event.timestamp),
        ])
        return try await post(
            .createMeterEvent, .form(body), key: idempotencyKey, about: event.object, as: MeterEvent.self)
    }

    /// Sends one meter event through the v2 API (`POST /v2/billing/meter_events`).
    ///
    /// - Parameters:
    ///   - event: what to send.
    ///   - idempotencyKey: 1 to 255 printable characters. The same key with the same event replays the first answer.
    public func createMeterEventV2(
        _ event: MeterEventRequest, idempotencyKey: String
    ) async throws(StripeError) -> MeterEvent {
        try check(event)
        let body = MeterEventJSON.body(event)
        return try await post(
            .createMeterEventV2, .json(body), key: idempotencyKey, about: event.object, as: MeterEvent.self)
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
        return try await listAll(.listEventSummaries, id: meter, filter: filter, of: MeterEventSummary.self)
    }

    func check(_ event: MeterEventRequest) throws(StripeError) {
        if let fault = event.fault { throw .local(.invalidArgument, fault) }
    }
}
