internal import Ledger
internal import Metering

/// Rows of the ledger that are sent without a lease in memory: a lease with its hours, or one hour whose lease is gone.
struct LedgerRows {
    struct Hour {
        let hour: Int64
        var usage: SlotIndex?
        var decided: SlotIndex?
    }

    let key: LeaseKey
    /// The name that the totals go by; that of a former incarnation perhaps.
    let holder: String
    /// The lease's own row; nil when only the hour is left.
    let lease: SlotIndex?
    var hours: [Hour] = []

    /// The lease as the ledger has it: nothing of it can be spent, and nothing is asked for.
    func statement(in ledger: LedgerFile, reservedFor: Int64) -> LeaseStatement {
        guard let lease else { return LeaseStatement(granted: 0, returned: 0, spent: 0) }
        let row = ledger.lease(lease)
        return LeaseStatement(
            granted: row.granted, returned: row.returned, spent: row.spent, reserved: row.reserved,
            reservedFor: reservedFor)
    }

    func totals(in ledger: LedgerFile) -> [HourTotals] {
        hours.map { hour in
            var totals = HourTotals(hour: hour.hour)
            if let row = hour.usage {
                let usage = ledger.usage(row)
                (totals.consumed, totals.refunded) = (usage.consumed, usage.refunded)
            }
            if let row = hour.decided { totals.decided = ledger.decided(row).decided }
            return totals
        }
    }

    /// Takes back what Redis had acknowledged: it has forgotten.
    func unsettle(in ledger: LedgerFile) {
        if let lease, ledger.lease(lease).isSettled { ledger.lease(lease).setSettled(false) }
        for hour in hours {
            if let row = hour.usage { ledger.usage(row).unsettle() }
            if let row = hour.decided { ledger.decided(row).unsettle() }
        }
    }

    func settle(_ told: [HourTotals], in ledger: LedgerFile) {
        for (hour, totals) in zip(hours, told) {
            if let row = hour.usage { ledger.usage(row).settle(consumed: totals.consumed, refunded: totals.refunded) }
            if let row = hour.decided { ledger.decided(row).settle(to: totals.decided) }
        }
    }
}
