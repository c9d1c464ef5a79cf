/// What `/v1/tenants/{id}/explain` answers, in words: what counts for the whole tenant, then a section a meter.
enum ExplainText {
    static func text(_ explanation: JSONValue, _ style: TextStyle) -> String {
        let meters = explanation["meters"]?.list ?? []
        let sections = meters.map { "\n" + ExplainMeterText.text($0, style) }
        var text = Table(details: head(explanation)).text(style) + sections.joined()
        let others = explanation["not_in_plan"]?.list ?? []
        if !others.isEmpty { text += "\n" + style.paint("not in the plan: \(line(.list(others)))\n", .faint) }
        return text
    }

    private static func head(_ explanation: JSONValue) -> [(name: String, value: Table.Cell)] {
        let answer = explanation["access"]?["answer"]?.words ?? "ok"
        let why = explanation["access"]?["why"]?.words ?? ""
        var head: [(name: String, value: Table.Cell)] = [
            ("tenant", .init(explanation["tenant"]?.words ?? "-")),
            (
                "calls",
                answer == "ok" ? .init(why, .good) : .init("all are refused as \(answer): \(why)", .bad)
            ),
            ("plan", .init("\(explanation["plan"]?["slug"]?.words ?? "none"): \(words(explanation["plan"], "why"))")),
        ]
        if let record = explanation["record"] { head += self.record(record) }
        head.append(("Redis", partition(explanation["partition"])))
        head.append(("gate", gate(explanation["gate"])))
        head.append(("last refusal", refusal(explanation["gate"])))
        return head
    }

    /// What of the record an operator looks for first.
    private static func record(_ record: JSONValue) -> [(name: String, value: Table.Cell)] {
        [("customer", "customer"), ("status", "subscription"), ("restricted", "restricted")].compactMap {
            field, title in
            record[field].map { (title, .init($0.words, field == "restricted" ? .bad : .plain)) }
        }
    }

    private static func partition(_ partition: JSONValue?) -> Table.Cell {
        let number = words(partition, "number")
        switch partition?["state"]?.text {
        case "known": return .init("partition \(number), remembers since \(words(partition, "born"))")
        case "learning":
            let until = words(partition, "learns_until")
            return .init("partition \(number) learns what it forgot until \(until): it grants nothing", .caution)
        default: return .init("partition \(number), nothing was told to it yet")
        }
    }

    private static func gate(_ gate: JSONValue?) -> Table.Cell {
        guard let gate else { return .init("does not say what it knows", .caution) }
        let isAway = gate["redis"] != .text("connected")
        let knowledge = gate["knows_record"] == .boolean(true) ? "" : ", reads the record with the next call"
        return .init(
            "\(words(gate, "holder")), Redis \(words(gate, "redis"))\(knowledge)", isAway ? .bad : .plain)
    }

    private static func refusal(_ gate: JSONValue?) -> Table.Cell {
        guard let refusal = gate?["last_refusal"] else { return .init("none that this gate remembers") }
        let call = "\(words(refusal, "command").uppercased()) \(words(refusal, "meter")) \(words(refusal, "amount"))"
        return .init(
            "\(words(refusal, "at")) \(call): \(words(refusal, "reason")), decided by \(words(refusal, "decided_by")): "
                + words(refusal, "why"), .caution)
    }

    static func words(_ object: JSONValue?, _ field: String) -> String { object?[field]?.words ?? "-" }

    private static func line(_ value: JSONValue) -> String { value.words.printableLine }
}
