import Ledger

/// A ledger for people: what it is, and a row a slot.
enum LedgerText {
    static let columns: [Table.Column] = [
        .init("TENANT"), .init("METER"), .init("KIND"), .init("PERIOD"), .init("HOUR"), .init("TOTALS"),
        .init("SETTLED"), .init("FORMER HOLDER"),
    ]
    static let damageColumns: [Table.Column] = [
        .init("DAMAGED SLOT", .trailing), .init("AT BYTE", .trailing), .init("WHY"),
    ]

    static func facts(_ reader: LedgerReader, path: String, _ survey: LedgerSurvey) -> Table {
        let used = "\(survey.usedCount) used, \(survey.freeCount(of: reader.layout)) free of \(reader.layout.slotCount)"
        var details: [(String, Table.Cell)] = [
            ("file", .init(path)), ("holder", .init(reader.holder)), ("id", .init(reader.id)),
            ("made", .init(Timestamp(milliseconds: reader.createdAt / 1000).text)), ("mark", .init(words(reader.mark))),
            ("slots", .init(used)), ("not settled", .init("\(survey.unsettledCount)")),
        ]
        if survey.damagedCount > 0 { details.append(("damaged", .init("\(survey.damagedCount)", .bad))) }
        return Table(details: details)
    }

    static func row(_ entry: LedgerEntry) -> [Table.Cell] {
        [
            .init(entry.tenant), .init(entry.meter), .init(kind(entry.place.kind)), .init(period(entry.place)),
            .init(hour(entry.place) ?? "-"), .init(totals(entry.totals)),
            entry.isSettled ? .init("yes") : .init("no", .caution), .init(entry.isCurrent ? "" : entry.holder),
        ]
    }

    static func row(_ damage: DamagedSlot) -> [Table.Cell] {
        [.init("\(damage.slot)"), .init("\(damage.offset)"), .init(damage.reason, .bad)]
    }

    static func kind(_ kind: SlotKind) -> String {
        switch kind {
        case .lease: "lease"
        case .usage: "usage"
        case .decided: "decided"
        case .reservation: "reservation"
        }
    }

    static func mark(_ mark: SyncMark) -> String {
        switch mark {
        case .open: "open"
        case .synced: "synced"
        case .closed: "closed"
        }
    }

    /// The mark, and what it is worth.
    static func words(_ mark: SyncMark) -> String {
        switch mark {
        case .open: "open: whole after the death of its process, not after a power loss"
        case .synced: "synced: whole after a power loss too"
        case .closed: "closed: whole"
        }
    }

    /// When the period starts.
    static func period(_ place: SlotPlace) -> String { Timestamp(seconds: Int64(place.periodStart) * 60).text }

    /// Nil where there is none.
    static func hour(_ place: SlotPlace) -> String? {
        place.kind.isHourly || place.kind == .reservation ? Timestamp(seconds: Int64(place.hour) * 3600).text : nil
    }

    /// The totals, and of an hour's how much Redis has where that is less.
    private static func totals(_ totals: LedgerEntry.Totals) -> String {
        func hourly(_ name: String, _ total: Int64, _ settled: Int64) -> String {
            settled >= total ? "\(name) \(total)" : "\(name) \(total) (Redis has \(settled))"
        }
        switch totals {
        case .lease(let granted, let returned, let spent, let reserved):
            return "granted \(granted), returned \(returned), spent \(spent), reserved \(reserved)"
        case .usage(let consumed, let refunded, let settledConsumed, let settledRefunded):
            return hourly("consumed", consumed, settledConsumed) + ", " + hourly("refunded", refunded, settledRefunded)
        case .decided(let decided, let settled): return hourly("decided", decided, settled)
        case .reservation(let amount, let state): return "reserved \(amount), \(word(state))"
        }
    }

    /// What has become of a reservation; what stands in the row of its first meter.
    static func word(_ state: ReservationState) -> String {
        switch state {
        case .open: "open"
        case .expired: "over"
        case .released: "released"
        case .committed(let cost): "committed at \(cost)"
        }
    }
}
