import FoundationEssentials

/// `GET /_sandbox/state`: the account as tests compare it.
extension Account {
    /// Keys: `now`, `customers`, `meters` (both as Stripe answers them, oldest first), `usage` (one row a meter,
    /// customer and UTC hour), `products`, `prices`, `subscriptions`, `invoices` (oldest first, as the account's
    /// version has them), `requests` (route → count), `recent_requests`, `faults` (still waiting),
    /// `under_way` (requests not answered yet).
    func dump() -> JSONValue {
        .object([
            "now": .integer(now),
            "customers": .list(state.customers.newestFirst.reversed().map(\.body)),
            "meters": .list(state.meters.newestFirst.reversed().map(\.body)),
            "usage": .list(state.meters.newestFirst.reversed().flatMap { usage(of: $0) }),
            "products": .list(state.products.newestFirst.reversed().map(\.body)),
            "prices": .list(state.prices.newestFirst.reversed().map { $0.body(in: .accountDefault) }),
            "subscriptions": .list(
                state.subscriptions.newestFirst.reversed().map { body(of: $0, in: .accountDefault) }),
            "invoices": .list(state.invoices.newestFirst.reversed().map { body(of: $0, in: .accountDefault) }),
            "requests": log.requestCounts,
            "recent_requests": log.recentRequests,
            "faults": .list(faults.waiting.map(\.body)),
            "under_way": .integer(underWay),
        ])
    }

    /// The rows of a meter by customer and hour. A day-window meter's stand at the first hour of their day.
    private func usage(of meter: Meter) -> [JSONValue] {
        let customers = (state.usage.rows[meter.id] ?? [:]).sorted { $0.key < $1.key }
        return customers.flatMap { customer, buckets in
            Dictionary(grouping: buckets) { $0.key - $0.key % 3_600 }.sorted { $0.key < $1.key }
                .map { hour, buckets in
                    row(meter, customer, hour, buckets.sorted { $0.key < $1.key }.map(\.value))
                }
        }
    }

    private func row(_ meter: Meter, _ customer: String, _ hour: Int, _ rows: [UsageRow]) -> JSONValue {
        .object([
            "event_name": .text(meter.eventName),
            "meter": .text(meter.id),
            "customer": .text(customer),
            "hour": .integer(hour),
            "value": .number(UsageRow.aggregate(rows, meter.formula)),
            "events": .integer(rows.reduce(0) { $0 + $1.received }),
            "last_identifier": .optional(rows.last?.lastIdentifier),
        ])
    }
}
