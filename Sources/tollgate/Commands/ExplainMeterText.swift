/// One meter of an explanation, in words.
enum ExplainMeterText {
    static func text(_ meter: JSONValue, _ style: TextStyle) -> String {
        let title = "\(words(meter, "meter")) (\(words(meter, "kind")))".printableLine
        return style.paint(title, .strong) + "\n" + Table(details: details(meter)).text(style) + holders(meter, style)
    }

    private static func details(_ meter: JSONValue) -> [(name: String, value: Table.Cell)] {
        guard meter["in_plan"] == .boolean(true) else {
            return [("limit", .init(words(meter, "limit_why"), .bad)), ("used", .init(words(meter, "used")))]
        }
        var details: [(name: String, value: Table.Cell)] = [("limit", limit(meter)), ("used", used(meter))]
        if let start = meter["period_start"], let end = meter["period_end"] {
            details.append(("period", .init("\(start.words) to \(end.words): \(words(meter, "period_why"))")))
        }
        if meter["kind"] == .text("rate") {
            let reset = meter["resets_at"].map { "whole again at \($0.words)" } ?? "whole"
            let hand = meter["cells_in_hand"]?.integer ?? 0
            let cells = hand > 0 ? ", \(hand) cells in hand here" : ""
            details.append(("burst", .init("\(words(meter, "burst")), \(reset)\(cells)")))
        }
        if let setAt = meter["set_at"] {
            details.append(("set", .init("\(setAt.words) by \(words(meter, "set_by"))")))
        }
        if let today = meter["today"]?.list, !today.isEmpty { details.append(("today", .init(hours(today)))) }
        if let owed = meter["owed"] { details.append(("Stripe", self.owed(owed))) }
        let waiting = meter["waiting"]?.list ?? []
        if !waiting.isEmpty {
            let calls = waiting.map { "\(words($0, "need")) at \(words($0, "holder"))" }.joined(separator: ", ")
            details.append(("waiting for units", .init(calls, .caution)))
        }
        return details
    }

    private static func limit(_ meter: JSONValue) -> Table.Cell {
        var text = MeterTable.limit(meter["limit"] ?? .integer(0)).text
        text += ", \(words(meter, "mode")): \(words(meter, "limit_why"))"
        if let cap = meter["cap"] { text += ", capped at \(cap.words)" }
        if meter["override"] != nil, let plan = meter["plan_limit"] {
            text += " (\(MeterTable.limit(plan).text))"
        }
        let granted = meter["granted"]?.integer ?? 0
        if granted > 0 { text += ", \(granted) of it granted" }
        if meter["lease"] == .text("off") { text += "; lease: off" }
        return .init(text)
    }

    private static func used(_ meter: JSONValue) -> Table.Cell {
        var text = words(meter, "used")
        let percent = meter["percent"].map { MeterTable.percent($0) }
        if let percent { text += " (\(percent.text))" }
        if let size = meter["gigabytes"] { text += ", \(words(size, "used")) GiB" }
        // All that is in flight is reserved.
        let isInFlight = meter["kind"] == .text("concurrency")
        for (field, title) in [("reserved", "reserved"), ("overage", "past the limit")] {
            if isInFlight, field == "reserved" { continue }
            if let number = meter[field]?.integer, number > 0 { text += ", \(number) \(title)" }
        }
        if let projected = meter["projected"], projected != .integer(0) {
            text += "; \(projected.words) by the period's end at this rate"
        }
        if let held = meter["store"]?["held"]?.integer, held > 0 { text += "; \(held) leased and not spent" }
        return .init(text, percent?.tone ?? .plain)
    }

    /// `14:00 12, 15:00 3`: what was counted in each hour (UTC) of today.
    private static func hours(_ hours: [JSONValue]) -> String {
        hours.map { "\(words($0, "hour").dropFirst(11).prefix(5)) \(words($0, "total"))" }.joined(separator: ", ")
    }

    private static func owed(_ owed: JSONValue) -> Table.Cell {
        guard let hours = owed["hours"]?.integer, hours > 0 else { return .init("has been told everything") }
        let differ = hours == 1 ? "1 hour differs" : "\(hours) hours differ"
        return .init(
            "\(differ) from what it has acknowledged, by \(words(owed, "units")) in all, since \(words(owed, "oldest"))"
        )
    }

    private static let columns: [(field: String, column: Table.Column)] = [
        ("holder", .init("HOLDER")), ("granted", .init("GRANTED", .trailing)),
        ("returned", .init("RETURNED", .trailing)), ("spent", .init("SPENT", .trailing)),
        ("reserved", .init("RESERVED", .trailing)), ("unspent", .init("UNSPENT", .trailing)),
        ("heard_at", .init("HEARD")), ("lease_ends", .init("LEASE ENDS")),
    ]

    private static func holders(_ meter: JSONValue, _ style: TextStyle) -> String {
        let holders = meter["holders"]?.list ?? []
        guard !holders.isEmpty else { return "" }
        let rows = holders.map { holder in
            columns.map { column in
                let text = words(holder, column.field)
                switch column.field {
                case "holder": return Table.Cell(holder["here"] == .boolean(true) ? "\(text) (here)" : text)
                case "lease_ends":
                    let lasts = holder["lasts"] == .boolean(true)
                    return Table.Cell(lasts ? text : "ended \(text)", lasts ? .plain : .faint)
                default: return Table.Cell(text)
                }
            }
        }
        return Table(columns.map(\.column), rows: rows).text(style)
    }

    private static func words(_ object: JSONValue?, _ field: String) -> String { ExplainText.words(object, field) }
}
