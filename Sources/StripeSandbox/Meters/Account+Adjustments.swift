/// `/v1/billing/meter_event_adjustments` and its v2 twin: the cancellation of one event. Others do not exist: "time
/// period cancellation is not supported yet" (docs.stripe.com/api/billing/meter-event-adjustment/create).
extension Account {
    static let adjustmentParameters: [Parameter] = [
        .optional("cancel", .object([.optional("identifier", .text(maximum: 100))])),
        .required("event_name", .text(maximum: 100)),
        .optional("expand", .list(.text(), maximum: 20)),
        .required("type", .choice(["cancel"])),
    ]

    static let adjustmentParametersV2: [Parameter] = [
        .required("cancel", .object([.required("identifier", .text(maximum: 100))])),
        .required("event_name", .text(maximum: 100)),
        .required("type", .choice(["cancel"])),
    ]

    func createAdjustment(_ arguments: Arguments) throws(APIError) -> JSONValue {
        try cancel(arguments)
        return .object(adjustmentBody(arguments).merging(["object": .text("billing.meter_event_adjustment")]) { $1 })
    }

    func createAdjustmentV2(_ arguments: Arguments) throws(APIError) -> JSONValue {
        try cancel(arguments)
        return .object(
            adjustmentBody(arguments).merging([
                "object": .text("v2.billing.meter_event_adjustment"),
                "id": .text(RandomID.make("mtr_event_adj_test_", length: 24)),
                "created": .text(RFC3339.text(now)),
            ]) { $1 })
    }

    /// Pending, as in Stripe's own example: the adjustment is processed later. The sandbox does it at once.
    private func adjustmentBody(_ arguments: Arguments) -> [String: JSONValue] {
        [
            "cancel": arguments["cancel"] ?? .null,
            "event_name": arguments["event_name"] ?? .null,
            "livemode": .boolean(false),
            "status": .text("pending"),
            "type": .text("cancel"),
        ]
    }

    private func cancel(_ arguments: Arguments) throws(APIError) {
        let param = "cancel[identifier]"
        guard let text = arguments.object("cancel")?.text("identifier") else { throw .missing(param) }
        let identifier = EventIdentifier(text)
        let event = state.received.event(identifier, now: now)
        guard let event, event.name == arguments.text("event_name") else {
            throw .invalid(
                "No meter event with identifier \(text) was received for this event name within the past 24 hours.",
                code: "resource_missing", param: param)
        }
        guard !event.isCancelled else {
            throw .invalid("The meter event with identifier \(text) was cancelled already.", param: param)
        }
        state.received.cancel(identifier)
        if let counted = event.counted, let meter = state.meters[counted.meter] { uncount(counted, meter) }
    }

    /// Takes a cancelled event out of its bucket. A sum or a count loses its share. In a window, and where the last
    /// event counts, the newest one left takes its place, of those of the last 24 hours: what Stripe does there is not
    /// documented.
    private func uncount(_ event: CountedEvent, _ meter: Meter) {
        let start = event.start(meter)
        guard let before = state.usage.row(event.key, start: start) else { return }
        let left = state.received.counted(event.key, start: start, meter: meter)
        guard let newest = left.last else {
            // None is known; older ones may still be in a sum.
            var rest = before
            rest.total -= event.value
            rest.count -= 1
            let isEmpty = meter.window != nil || rest.count == 0
            return change(event.key, start: start, from: before, to: isEmpty ? nil : rest)
        }
        var row = UsageRow(start: start, newest.event, newest.identifier, received: before.received)
        if meter.window == nil {
            let end = left.map(\.event.timestamp).max()
            let latest = left.last { $0.event.timestamp == end } ?? newest
            row.total = before.total
            row.total -= event.value
            row.count = before.count - 1
            row.last = latest.event.value
            row.lastTimestamp = latest.event.timestamp
        }
        change(event.key, start: start, from: before, to: row)
    }
}
