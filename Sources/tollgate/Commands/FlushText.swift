/// A flush's report for people.
enum FlushText {
    static func text(_ report: JSONValue, _ style: TextStyle) -> String {
        var details: [(name: String, value: Table.Cell)] = [
            ("hours acknowledged", .init(field(report, "acknowledged"))),
            ("units added", .init(field(report, "units"))),
            ("calls sent", .init(field(report, "sent"))), ("calls failed", .init(field(report, "failed"))),
            ("hours still owed", .init(field(report, "owed"))),
        ]
        if let reason = report["stopped"] { details.append(("stopped early", .init(reason.words, .bad))) }
        return Table(details: details).text(style) + waiting(report, style) + failures(report, style)
    }

    /// Whether a send failed, or the round could not go on.
    static func hasFailures(_ report: JSONValue) -> Bool {
        (report["failed"]?.integer ?? 0) > 0 || report["failures"]?.list?.isEmpty == false || report["stopped"] != nil
    }

    private static func waiting(_ report: JSONValue, _ style: TextStyle) -> String {
        let groups = report["waiting"]?.list ?? []
        guard !groups.isEmpty else { return "" }
        let columns: [Table.Column] = [.init("WAITS"), .init("HOURS", .trailing), .init("EXAMPLE"), .init("WHY")]
        let rows = groups.map { group in
            let example = group["examples"]?.list?.first
            let place = ["tenant", "meter", "hour"].compactMap { example?[$0]?.words }.joined(separator: " ")
            return [
                Table.Cell(field(group, "state").replacing("_", with: " "), .caution), .init(field(group, "count")),
                .init(place),
                .init(example?["detail"]?.words ?? Self.reason(field(group, "state"))),
            ]
        }
        return "\n" + Table(columns, rows: rows).text(style)
    }

    /// What is to be done where all hours wait for the same, so that none is an example.
    private static func reason(_ state: String) -> String {
        state == "no_key" ? "the daemon has no STRIPE_SECRET_KEY" : ""
    }

    private static func failures(_ report: JSONValue, _ style: TextStyle) -> String {
        let hours = report["failures"]?.list ?? []
        guard !hours.isEmpty else { return "" }
        let columns: [Table.Column] = [.init("FAILED"), .init("METER"), .init("HOUR"), .init("WHY")]
        let rows = hours.map { hour in
            ["tenant", "meter", "hour"].map { Table.Cell(field(hour, $0)) } + [.init(field(hour, "detail"), .bad)]
        }
        return "\n" + Table(columns, rows: rows).text(style)
    }

    private static func field(_ row: JSONValue, _ name: String) -> String { row[name]?.words ?? "-" }
}
