/// A setup's result for people.
enum StripeSetupText {
    /// More subscriptions than that say the same again.
    private static let mostWarnings = 20

    /// Whether anything is left to be done.
    static func differs(_ items: [JSONValue]) -> Bool {
        items.contains { ["create", "conflict", "failed"].contains($0["state"]?.text) }
    }

    static func text(_ items: [JSONValue], isApplied: Bool, _ style: TextStyle) -> String {
        guard !items.isEmpty else { return "the catalogue names nothing at Stripe\n" }
        let warnings = items.filter { $0["state"]?.text == "warning" }
        let shown = items.filter { $0["state"]?.text != "warning" } + warnings.prefix(mostWarnings)
        let rows = shown.map { item in
            let state = item["state"]?.words ?? "-"
            return [
                Table.Cell(state, tone(state)), Table.Cell(item["subject"]?.words ?? "-"),
                Table.Cell(item["detail"]?.words ?? ""),
            ]
        }
        let table = Table([.init(""), .init(""), .init("")], rows: rows).text(style)
        let left = warnings.count - mostWarnings
        return table + (left > 0 ? "and \(left) more warnings: --json shows all\n" : "")
            + summary(items, isApplied: isApplied)
    }

    private static func summary(_ items: [JSONValue], isApplied: Bool) -> String {
        func count(_ state: String) -> Int { items.filter { $0["state"]?.text == state }.count }
        let names: [(state: String, words: String)] = [
            ("ok", "in order"), ("created", "made"), ("create", "to be made"), ("conflict", "in conflict"),
            ("failed", "refused by Stripe"), ("warning", "warnings"),
        ]
        let parts = names.compactMap { count($0.state) > 0 ? "\(count($0.state)) \($0.words)" : nil }
        let hint = !isApplied && count("create") > 0 ? "; --apply makes what is missing" : ""
        return "\(parts.joined(separator: ", "))\(hint)\n"
    }

    private static func tone(_ state: String) -> TextStyle.Tone {
        switch state {
        case "ok", "created": .good
        case "create", "warning": .caution
        default: .bad
        }
    }
}
