import Ledger

/// A ledger for programs. Its document is written piece by piece: there may be millions of slots.
enum LedgerDocument {
    /// Writes the document, its names in order as in every other.
    static func write(
        _ reader: LedgerReader, path: String, _ survey: LedgerSurvey, _ filter: LedgerFilter,
        to writer: inout PieceWriter
    ) {
        let created = Timestamp(milliseconds: reader.createdAt / 1000).text
        writer.append("{\"created_at\":\(JSONValue.text(created).document),\"damaged\":[")
        var separator = ""
        func item(_ value: JSONValue, _ writer: inout PieceWriter) {
            writer.append(separator + value.document)
            separator = ","
        }
        if survey.damagedCount > 0 { reader.visit(entry: { _ in }, damage: { item(document($0), &writer) }) }
        writer.append("],\"entries\":[")
        separator = ""
        for entry in reader where filter.takes(entry) { item(document(entry), &writer) }
        let rest = JSONValue.object([
            "file": .text(path), "holder": .text(reader.holder), "id": .text(reader.id),
            "mark": .text(LedgerText.mark(reader.mark)), "slots": slots(reader, survey),
        ])
        writer.append("],\(rest.document.dropFirst())\n")
    }

    private static func slots(_ reader: LedgerReader, _ survey: LedgerSurvey) -> JSONValue {
        .object([
            "all": .integer(Int64(reader.layout.slotCount)), "used": .integer(Int64(survey.usedCount)),
            "free": .integer(Int64(survey.freeCount(of: reader.layout))),
            "unsettled": .integer(Int64(survey.unsettledCount)), "damaged": .integer(Int64(survey.damagedCount)),
        ])
    }

    static func document(_ entry: LedgerEntry) -> JSONValue {
        .object([
            "tenant": .text(entry.tenant), "meter": .text(entry.meter),
            "kind": .text(LedgerText.kind(entry.place.kind)), "period_start": .text(LedgerText.period(entry.place)),
            "hour": .optional(LedgerText.hour(entry.place)), "holder": .text(entry.holder),
            "current": .boolean(entry.isCurrent), "settled": .boolean(entry.isSettled),
            "totals": .object(totals(entry.totals).mapValues { .integer($0) }),
        ])
    }

    private static func document(_ damage: DamagedSlot) -> JSONValue {
        .object([
            "slot": .integer(Int64(damage.slot)), "offset": .integer(Int64(damage.offset)),
            "reason": .text(damage.reason),
        ])
    }

    private static func totals(_ totals: LedgerEntry.Totals) -> [String: Int64] {
        switch totals {
        case .lease(let granted, let returned, let spent, let reserved):
            ["granted": granted, "returned": returned, "spent": spent, "reserved": reserved]
        case .usage(let consumed, let refunded, let settledConsumed, let settledRefunded):
            [
                "consumed": consumed, "refunded": refunded, "settled_consumed": settledConsumed,
                "settled_refunded": settledRefunded,
            ]
        case .decided(let decided, let settled): ["decided": decided, "settled_decided": settled]
        case .reservation(let amount, .committed(let cost)): ["amount": amount, "committed": cost]
        case .reservation(let amount, _): ["amount": amount]
        }
    }
}
