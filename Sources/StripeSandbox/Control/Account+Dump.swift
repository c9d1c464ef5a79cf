import FoundationEssentials

/// `GET /_sandbox/state`: the account as tests compare it.
extension Account {
    /// Keys: `now`, `customers`, `meters` (both as Stripe answers them, oldest first), `usage` (one row a meter,
    /// customer and UTC hour), `products`, `prices`, `subscriptions`, `invoices` (oldest first, as the account's
    /// version has them), `usage_records`, `core_events`, `requests` (route → count), `recent_requests`, `faults`
    /// (still waiting), `under_way` (requests not answered yet).
    func dump(withUsage: Bool) -> JSONValue {
        var members: [String: JSONValue] = [
            "now": .integer(now),
            "customers": .list(state.customers.newestFirst.reversed().map(\.body)),
            "meters": .list(state.meters.newestFirst.reversed().map(\.body)),
            "products": .list(state.products.newestFirst.reversed().map(\.body)),
            "prices": .list(state.prices.newestFirst.reversed().map { $0.body(in: .accountDefault) }),
            "subscriptions": .list(
                state.subscriptions.newestFirst.reversed().map { body(of: $0, in: .accountDefault) }),
            "invoices": .list(state.invoices.newestFirst.reversed().map { body(of: $0, in: .accountDefault) }),
            "usage_records": .list(state.usageRecords.items.flatMap { usageRecords($0) }),
            "core_events": .list(state.coreEvents.all.suffix(Self.largestEventDump).map(\.body)),
            "requests": log.requestCounts,
            "recent_requests": log.recentRequests,
            "faults": .list(faults.waiting.map(\.body)),
            "under_way": .integer(underWay),
        ]
        if withUsage { members["usage"] = .list(allUsage()) }
        return .object(members)
    }

    /// Most v2 events told, the newest.
    static let largestEventDump = 100

    private func usageRecords(_ item: String) -> [JSONValue] {
        state.usageRecords.records(item, in: 0..<SandboxClock.latest).map { record in
            .object([
                "subscription_item": .text(item), "timestamp": .integer(record.timestamp),
                "quantity": .integer(record.quantity),
            ])
        }
    }
}
