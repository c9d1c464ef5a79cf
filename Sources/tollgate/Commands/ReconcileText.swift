/// A comparison with Stripe for people.
enum ReconcileText {
    /// The explanations for which nobody has to act.
    private static let settled: Set<String> = [
        "owed", "in_flight", "summary_lag", "late_row", "dropped", "not_billed", "elsewhere",
    ]

    private static let columns: [(field: String, column: Table.Column)] = [
        ("tenant", .init("TENANT")), ("meter", .init("METER")), ("hour", .init("HOUR")),
        ("total", .init("TOTAL", .trailing)), ("acknowledged", .init("ACKNOWLEDGED", .trailing)),
        ("stripe", .init("STRIPE", .trailing)), ("difference", .init("DIFFERENCE", .trailing)),
        ("explanation", .init("WHY")), ("detail", .init("DETAIL")),
    ]

    /// Whether somebody has to act, or something was not compared.
    static func hasFault(_ result: JSONValue) -> Bool {
        if (result["failed"]?.integer ?? 0) > 0 || result["stopped"] != nil { return true }
        guard case .object(let counts)? = result["counts"] else { return false }
        return counts.contains { ($0.value.integer ?? 0) > 0 && !settled.contains($0.key) }
    }

    static func text(_ result: JSONValue, _ style: TextStyle) -> String {
        rows(result, style) + failures(result, style) + summary(result, style) + ending(result, style)
    }

    /// The report of a daily comparison.
    static func daily(_ report: JSONValue, _ style: TextStyle) -> String {
        let result = report["result"] ?? .null
        var details: [(name: String, value: Table.Cell)] = [
            ("day", .init(field(report, "day"))), ("ended at", .init(field(report, "ended_at"))),
            ("seconds", .init(field(report, "duration"))),
            ("tenants asked for at Stripe", .init(field(report, "sampled"))),
        ]
        if report["truncated"] == .boolean(true) {
            details.append(("truncated", .init("the day's reads did not do for all", .caution)))
        }
        return Table(details: details).text(style) + "\n" + text(result, style)
    }

    private static func rows(_ result: JSONValue, _ style: TextStyle) -> String {
        let rows = result["differences"]?.list ?? []
        guard !rows.isEmpty else { return "" }
        let table = Table(columns.map(\.column), rows: rows.map { row in columns.map { cell(row, $0.field) } })
        let all = counts(result).reduce(0) { $0 + $1.count }
        let more = all - Int64(rows.count)
        return table.text(style) + (more > 0 ? style.paint("and \(more) more", .faint) + "\n" : "") + "\n"
    }

    private static func cell(_ row: JSONValue, _ name: String) -> Table.Cell {
        switch name {
        case "hour":
            return .init(field(row, "hour") + (row["period_end"].map { " to \($0.words)" } ?? ""))
        case "stripe":
            return .init(row["stripe"]?.words ?? "not asked")
        case "explanation":
            let word = field(row, name)
            let fixed = row["fixed"] == .boolean(true) ? ", owed again" : ""
            return .init(word.replacing("_", with: " ") + fixed, settled.contains(word) ? .plain : .bad)
        default:
            return .init(field(row, name))
        }
    }

    private static func failures(_ result: JSONValue, _ style: TextStyle) -> String {
        let rows = result["failures"]?.list ?? []
        guard !rows.isEmpty else { return "" }
        let columns: [Table.Column] = [.init("NOT COMPARED"), .init("METER"), .init("WHY")]
        return Table(
            columns,
            rows: rows.map {
                [.init(field($0, "tenant")), .init(field($0, "meter")), .init(field($0, "detail"), .bad)]
            }
        ).text(style) + "\n"
    }

    private static func summary(_ result: JSONValue, _ style: TextStyle) -> String {
        var details: [(name: String, value: Table.Cell)] = [
            ("tenants", .init(field(result, "tenants"))), ("hours", .init(field(result, "hours"))),
            ("compared with Stripe", .init(field(result, "compared"))),
            ("reads of Stripe", .init(field(result, "reads"))),
        ]
        let counts = counts(result)
        if counts.isEmpty { details.append(("differences", .init("none", .good))) }
        for (name, count) in counts {
            let tone: TextStyle.Tone = settled.contains(name) ? .plain : .bad
            details.append((name.replacing("_", with: " "), .init(String(count), tone)))
        }
        if let fixed = result["fixed"]?.integer, fixed > 0 { details.append(("owed again", .init(String(fixed)))) }
        return Table(details: details).text(style)
    }

    private static func ending(_ result: JSONValue, _ style: TextStyle) -> String {
        guard let reason = result["stopped"] else { return "" }
        let place = result["next"].map { ": go on with --after \($0.words.printableLine)" } ?? ""
        return style.paint("stopped: \(reason.words.printableLine)\(place)", .caution) + "\n"
    }

    private static func counts(_ result: JSONValue) -> [(name: String, count: Int64)] {
        guard case .object(let members)? = result["counts"] else { return [] }
        return members.map { ($0.key, $0.value.integer ?? 0) }.filter { $0.1 > 0 }.sorted { $0.0 < $1.0 }
    }

    private static func field(_ row: JSONValue, _ name: String) -> String { row[name]?.words ?? "-" }
}
