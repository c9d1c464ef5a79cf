/// The routes by which usage comes in, and is told.
extension Route {
    private static let events = "/v1/billing/meter_events"
    private static let item = "/v1/subscription_items/{id}"

    static let usage: [Route] = [
        Route(
            method: "POST", pattern: events, operation: .createMeterEvent, parameters: MeterEvent.parameters,
            family: .meterEvents),
        Route(
            method: "GET", pattern: "/v1/billing/meters/{id}/event_summaries", operation: .listEventSummaries,
            parameters: EventSummaries.parameters),
        Route(
            method: "POST", pattern: "/v1/billing/meter_event_adjustments", operation: .createAdjustment,
            parameters: Account.adjustmentParameters),
        Route(
            method: "POST", pattern: "/v2/billing/meter_events", operation: .createMeterEventV2,
            parameters: MeterEvent.parametersV2, family: .meterEvents),
        Route(
            method: "POST", pattern: "/v2/billing/meter_event_adjustments", operation: .createAdjustmentV2,
            parameters: Account.adjustmentParametersV2),
        Route(
            method: "POST", pattern: "/v2/billing/meter_event_session", operation: .createMeterEventSession,
            parameters: []),
        Route(
            method: "POST", pattern: "/v2/billing/meter_event_stream", operation: .streamMeterEvents, parameters: [],
            family: .stream, readsBody: true),
        Route(method: "GET", pattern: "/v2/core/events/{id}", operation: .retrieveCoreEvent, parameters: []),
        Route(
            method: "POST", pattern: "\(item)/usage_records", operation: .createUsageRecord,
            parameters: Account.usageRecordParameters, only: .acacia, family: .usageRecords),
        Route(
            method: "GET", pattern: "\(item)/usage_record_summaries", operation: .listUsageRecordSummaries,
            parameters: Page.parameters + [expand], only: .acacia),
    ]
}
