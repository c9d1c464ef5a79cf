/// What `/v1/top` answers, in words.
enum TopText {
    /// Lines that are no rows: the head with what may be in it, an empty one, the titles, one below the table.
    static let otherLines = 9

    private static let columns: [(field: String, column: Table.Column)] = [
        ("tenant", .init("TENANT")), ("meter", .init("METER")), ("used", .init("USED", .trailing)),
        ("limit", .init("LIMIT", .trailing)), ("percent", .init("PERCENT", .trailing)),
        ("threshold", .init("PAST", .trailing)),
        ("rate", .init("RATE/S", .trailing)), ("unspent", .init("UNSPENT", .trailing)),
        ("unsettled", .init("UNSETTLED", .trailing)), ("waiting", .init("WAITING", .trailing)),
        ("period_end", .init("PERIOD ENDS")),
    ]

    static func text(_ top: JSONValue, _ style: TextStyle) -> String {
        let leases = top["leases"]?.list ?? []
        let head = Table(details: details(top)).text(style) + "\n"
        guard !leases.isEmpty else { return head + "no leases: nothing has been taken from a counter lately\n" }
        let rows = leases.map { lease in columns.map { cell(lease, $0.field) } }
        let seen = top["seen"]?.words ?? "some"
        let footer = top["cut"] == .boolean(true) ? "looked at \(seen) leases; there are more\n" : ""
        return head + Table(columns.map(\.column), rows: rows).text(style) + style.paint(footer, .faint)
    }

    private static func cell(_ lease: JSONValue, _ field: String) -> Table.Cell {
        guard let value = lease[field] else { return .init("-") }
        switch field {
        case "limit": return MeterTable.limit(value)
        case "percent": return MeterTable.percent(value)
        case "threshold": return value == .null ? .init("-") : .init(value.words, .caution)
        case "waiting": return .init(value.words, value == .integer(0) ? .plain : .caution)
        default: return .init(value.words)
        }
    }

    private static func details(_ top: JSONValue) -> [(name: String, value: Table.Cell)] {
        func count(_ name: String) -> Int64 { top["gate"]?[name]?.integer ?? 0 }
        func rate(_ name: String) -> String { top["per_second"]?[name]?.words ?? "-" }
        let isConnected = count("redis_connected") == 1
        let age = count("unsettled_age_ms")
        let redis =
            "\(isConnected ? "connected" : "not connected"); \(rate("syncs")) syncs/s, "
            + "\(count("unsettled_units")) units unsettled"
            + (age > 0 ? ", the oldest for \(WaitText.format(milliseconds: age))" : "")
        let slots = count("ledger_slots")
        let fill = slots == 0 ? "-" : "\(count("ledger_slots_used") * 100 / slots)% of \(slots) slots"
        var details: [(name: String, value: Table.Cell)] = [
            (
                "decided/s",
                .init(
                    "\(rate("decided_by_lease")) by lease, \(rate("decided_by_redis")) by Redis, "
                        + "\(rate("decided_by_policy")) by policy")
            ),
            (
                "answered/s",
                .init("\(rate("allowed")) allowed, \(rate("refused")) refused; \(count("waiting")) waiting now")
            ),
            ("Redis", .init(redis, isConnected ? .plain : .bad)),
            ("leases", .init("\(count("leases")) in memory; ledger \(fill)")),
        ]
        let learning = count("learning_partitions")
        if learning > 0 {
            details.append(("learning", .init("\(learning) partitions of Redis: they grant nothing", .caution)))
        }
        return details
    }
}
