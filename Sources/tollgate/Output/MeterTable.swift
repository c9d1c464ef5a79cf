/// The table of a tenant's meters, from the rows of the gate's `USAGE` or of the control API: both use the same names.
enum MeterTable {
    private static let columns: [(field: String, column: Table.Column)] = [
        ("meter", .init("METER")), ("kind", .init("KIND")), ("used", .init("USED", .trailing)),
        ("limit", .init("LIMIT", .trailing)), ("percent", .init("PERCENT", .trailing)), ("mode", .init("MODE")),
        ("period_start", .init("FROM")), ("period_end", .init("UNTIL")),
    ]

    /// A column that no row has a value for is left out.
    static func make(_ rows: [JSONValue]) -> Table {
        let shown = columns.filter { column in rows.contains { $0[column.field] != nil } }
        return Table(
            shown.map(\.column), rows: rows.map { row in shown.map { cell(row, $0.field) } })
    }

    private static func cell(_ row: JSONValue, _ field: String) -> Table.Cell {
        guard let value = row[field] else { return .init(field == "limit" ? "-" : "") }
        switch field {
        case "limit": return limit(value)
        case "percent": return percent(value)
        default: return .init(value.words)
        }
    }

    static func limit(_ value: JSONValue) -> Table.Cell {
        .init(value == .integer(-1) ? "unlimited" : value.words)
    }

    static func percent(_ value: JSONValue) -> Table.Cell { .init("\(value.words)%", tone(value)) }

    private static func tone(_ percent: JSONValue) -> TextStyle.Tone {
        let value =
            switch percent {
            case .integer(let value): Double(value)
            case .number(let value): value
            case .text(let text): Double(text) ?? 0
            default: 0.0
            }
        return value >= 100 ? .bad : value >= 80 ? .caution : .plain
    }
}
