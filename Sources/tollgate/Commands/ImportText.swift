/// An import's result for people: a line a customer that something is to be said of, and what it comes to.
enum ImportText {
    static func line(_ item: JSONValue, _ style: TextStyle) -> String {
        let state = item["state"]?.words ?? "-"
        let tenant = item["tenant"]?.words.printableLine ?? "-"
        let customer = item["customer"]?.words.printableLine ?? "-"
        let plan = item["plan"].map { " on \($0.words.printableLine)" } ?? ""
        let detail = item["detail"]?.words.printableLine ?? ""
        return
            "\(style.paint(state, tone(state)))  \(tenant)\(plan)  \(customer)\(detail.isEmpty ? "" : "  \(detail)")\n"
    }

    static func summary(_ counts: [String: Int64], notFound: [String], isApplied: Bool) -> String {
        let names: [(state: String, words: String)] = [
            ("created", "made"), ("updated", "changed"), ("create", "to be made"), ("update", "to be changed"),
            ("unchanged", "as they are"), ("conflict", "in conflict"), ("foreign", "none of ours"),
        ]
        let parts = names.compactMap { name in
            counts[name.state].flatMap { $0 > 0 ? "\($0) \(name.words)" : nil }
        }
        var text = parts.isEmpty ? "Stripe has no customers\n" : "customers: \(parts.joined(separator: ", "))\n"
        if !notFound.isEmpty {
            let first = notFound.prefix(5).joined(separator: ", ")
            text +=
                "\(notFound.count) in the mapping file and not at Stripe: \(first)\(notFound.count > 5 ? ", …" : "")\n"
        }
        let isOpen = (counts["create"] ?? 0) + (counts["update"] ?? 0) > 0
        return text + (!isApplied && isOpen ? "--apply writes it\n" : "")
    }

    private static func tone(_ state: String) -> TextStyle.Tone {
        switch state {
        case "created", "updated", "unchanged": .good
        case "create", "update": .caution
        default: .bad
        }
    }
}
