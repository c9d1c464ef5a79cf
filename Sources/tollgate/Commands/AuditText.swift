/// Audit entries for people.
enum AuditText {
    static let layout = TableLayout([
        .init("TIME"), .init("TENANT"), .init("ACTION"), .init("ACTOR"), .init("CHANGE"), .init("REASON"),
    ])

    /// Rows under titles, which only the first rows have. The layout is kept between pages, so that rows stand under
    /// each other.
    static func text(
        _ entries: [JSONValue], _ layout: inout TableLayout, isFirst: Bool, _ style: TextStyle
    ) -> String {
        let rows = entries.map { entry in
            [
                Table.Cell(word(entry, "time"), .faint), Table.Cell(word(entry, "tenant")),
                Table.Cell(word(entry, "action"), .strong), Table.Cell(word(entry, "actor")),
                Table.Cell(change(entry)), Table.Cell(entry["reason"]?.words ?? ""),
            ]
        }
        for row in rows { layout.fit(row) }
        return (isFirst ? layout.titles(style) : "") + rows.map { layout.line($0, style) }.joined()
    }

    private static func word(_ entry: JSONValue, _ name: String) -> String { entry[name]?.words ?? "-" }

    /// `plan: free -> starter, customer: - -> cus_1`.
    static func change(_ entry: JSONValue) -> String {
        let (before, after) = (fields(entry["before"]), fields(entry["after"]))
        let names = Set(before.keys).union(after.keys).sorted()
        return names.map { "\($0): \(before[$0] ?? "-") -> \(after[$0] ?? "-")" }.joined(separator: ", ")
    }

    private static func fields(_ value: JSONValue?) -> [String: String] {
        guard case .object(let members) = value else { return value.map { ["": $0.words] } ?? [:] }
        return members.mapValues(\.words)
    }
}
