/// The table of a tenant's meters, from the rows of the gate's `USAGE` or of the control API: both use the same names.
enum MeterTable {
    private static let columns: [(field: String, column: Table.Column)] = [
        ("meter", .init("METER")), ("kind", .init("KIND")), ("used", .init("USED", .trailing)),
        ("limit", .init("LIMIT", .trailing)), ("percent", .init("PERCENT", .trailing)),
        ("reserved", .init("RESERVED", .trailing)), ("granted", .init("GRANTED", .trailing)),
        ("overage", .init("OVERAGE", .trailing)), ("projected", .init("PROJECTED", .trailing)),
        ("mode", .init("MODE")),
        ("period_start", .init("FROM")), ("period_end", .init("UNTIL")),
    ]

    /// What is nothing as a rule, so that a 0 says no more than no value.
    private static let rarelyAnything: Set = ["reserved", "granted", "overage"]

    /// A column that no row has a value for is left out.
    static func make(_ rows: [JSONValue]) -> Table {
        let shown = columns.filter { column in rows.contains { says($0[column.field], column.field) } }
        return Table(
            shown.map(\.column), rows: rows.map { row in shown.map { cell(row, $0.field) } })
    }

    private static func says(_ value: JSONValue?, _ field: String) -> Bool {
        value != nil && !(rarelyAnything.contains(field) && value == .integer(0))
    }

    private static func cell(_ row: JSONValue, _ field: String) -> Table.Cell {
        guard let value = row[field], says(value, field) else { return .init(field == "limit" ? "-" : "") }
        switch field {
        case "limit": return limit(value)
        case "percent": return percent(value)
        case "overage": return .init(value.words, value == .integer(0) ? .plain : .caution)
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
