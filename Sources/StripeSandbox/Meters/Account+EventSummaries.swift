/// `/v1/billing/meters/{id}/event_summaries`.
extension Account {
    func listEventSummaries(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        let question = try EventSummaries(arguments)
        let meter = try state.meters.meter(id)
        guard state.customers[question.customer] != nil else {
            throw .noSuch("customer", question.customer, param: "customer", status: 400)
        }
        let buckets = unseen.hiding(
            UsageKey(meter: id, customer: question.customer), in: question.range,
            of: state.usage.buckets(meter: id, customer: question.customer, in: question.range), now: now,
            delay: settings.summaryDelaySeconds)
        return try Page.cut(
            question.rows(of: meter, buckets), arguments, url: "/v1/billing/meters/\(id)/event_summaries",
            noun: "billing meter event summary", id: \.id
        ) { row in
            .object([
                "id": .text(row.id),
                "object": .text("billing.meter_event_summary"),
                "aggregated_value": .number(row.value),
                "start_time": .integer(row.start),
                "end_time": .integer(row.end),
                "meter": .text(id),
                "livemode": .boolean(false),
            ])
        }
    }
}
