import Ledger

/// A first look at all of a ledger: what is counted before anything is written, and how wide the columns have to be.
/// The daemon may go on meanwhile, so that the rows of a second look are not quite these.
struct LedgerSurvey {
    /// Slots that hold something.
    private(set) var usedCount = 0
    /// Of those, what Redis does not have yet.
    private(set) var unsettledCount = 0
    /// Slots that cannot be true.
    private(set) var damagedCount = 0
    /// How many of them the filter takes.
    private(set) var shownCount = 0
    private(set) var entries = TableLayout(LedgerText.columns)
    private(set) var damage = TableLayout(LedgerText.damageColumns)

    init(_ reader: LedgerReader, _ filter: LedgerFilter) {
        reader.visit { entry in
            usedCount += 1
            if !entry.isSettled { unsettledCount += 1 }
            guard filter.takes(entry) else { return }
            shownCount += 1
            entries.fit(LedgerText.row(entry))
        } damage: { slot in
            damagedCount += 1
            damage.fit(LedgerText.row(slot))
        }
    }

    /// Slots that hold nothing.
    func freeCount(of layout: LedgerLayout) -> Int { max(0, layout.slotCount - usedCount - damagedCount) }
}
