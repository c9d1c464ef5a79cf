/// A tenant for people: what its record says, then its meters.
enum TenantText {
    private static let fields: [(field: String, title: String)] = [
        ("id", "tenant"), ("plan", "plan"), ("status", "status"),
        ("customer", "customer"), ("subscription", "subscription"), ("period_start", "period starts"),
        ("period_end", "period ends"), ("restricted", "restricted"), ("limits", "own limits"),
        ("created_at", "created"),
    ]

    static func text(_ tenant: JSONValue, _ style: TextStyle) -> String {
        var details: [(name: String, value: Table.Cell)] = []
        for (field, title) in fields {
            guard let value = tenant[field] else { continue }
            details.append((title, Table.Cell(words(field, value, of: tenant), field == "restricted" ? .bad : .plain)))
        }
        details += entitlement(tenant)
        let meters = tenant["meters"]?.list ?? []
        let tables = [
            meters.isEmpty ? nil : MeterTable.make(meters), table(tenant["overrides"], overrideColumns),
            table(tenant["grants"], grantColumns),
        ]
        return ([Table(details: details)] + tables.compactMap { $0 }).map { $0.text(style) }.joined(separator: "\n")
    }

    private static let overrideColumns: [(field: String, column: Table.Column)] = [
        ("meter", .init("OWN LIMIT")), ("value", .init("VALUE", .trailing)), ("until", .init("UNTIL")),
        ("by", .init("BY")), ("set_at", .init("SET")), ("reason", .init("REASON")),
    ]
    private static let grantColumns: [(field: String, column: Table.Column)] = [
        ("id", .init("GRANT")), ("meter", .init("METER")), ("units", .init("UNITS", .trailing)),
        ("left", .init("LEFT", .trailing)), ("state", .init("STATE")), ("expires", .init("EXPIRES")),
        ("by", .init("BY")), ("reason", .init("REASON")),
    ]

    /// A table of a list's objects; nil where there are none.
    private static func table(
        _ list: JSONValue?, _ columns: [(field: String, column: Table.Column)]
    ) -> Table? {
        guard let rows = list?.list, !rows.isEmpty else { return nil }
        return Table(
            columns.map(\.column),
            rows: rows.map { row in
                columns.map { column in
                    let text = column.field == "value" ? MeterTable.limit(row["value"] ?? .null).text : nil
                    let isOver = column.field == "until" && row["expired"] == .boolean(true)
                    return Table.Cell((text ?? row[column.field]?.words ?? "-") + (isOver ? " (over)" : ""))
                }
            })
    }

    /// What counts for the gate now: the plan and access only where they are not what the record lets expect.
    private static func entitlement(_ tenant: JSONValue) -> [(name: String, value: Table.Cell)] {
        guard let entitlement = tenant["entitlement"] else { return [] }
        var details: [(name: String, value: Table.Cell)] = []
        if let access = entitlement["access"], access != .text("ok") {
            details.append(("refused", .init(access.words, .bad)))
        }
        if let plan = entitlement["plan"], plan != tenant["plan"] {
            details.append(("plan in effect", .init(plan.words, .caution)))
        }
        if let features = entitlement["features"] { details.append(("features", .init(features.words))) }
        return details
    }

    /// Until when a restriction holds and who said so.
    private static func tenantRestriction(_ tenant: JSONValue) -> String? {
        guard let restriction = tenant["restriction"] else { return nil }
        let until = restriction["until"].map {
            restriction["expired"] == .boolean(true) ? "over since \($0.words)" : "until \($0.words)"
        }
        let by = restriction["by"].map { "by \($0.words)" }
        let words = [until, by].compactMap { $0 }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    private static func words(_ field: String, _ value: JSONValue, of tenant: JSONValue) -> String {
        if field == "restricted", let until = tenantRestriction(tenant) { return "\(value.words) (\(until))" }
        guard field == "limits", case .object(let limits) = value else { return value.words }
        return JSONValue.object(limits.mapValues { $0 == .integer(-1) ? .text("unlimited") : $0 }).words
    }
}
