internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// Rows of leases that nobody holds any more.
extension LeaseBook {
    /// Lets go of lease rows whose period is long over and which no lease in memory stands for: after a restart, or
    /// when their tenant was forgotten. Looks at the next `count` slots; it goes round for ever.
    func letGoOldLeases(_ count: Int) {
        let keys = server.rules.configuration.keys
        let slotCount = ledger.statistics.slotCount
        for _ in 0..<count {
            let position = rowCursor
            rowCursor = (rowCursor + 1) % slotCount
            guard let slot = ledger.slot(at: position), let place = ledger.place(of: slot), place.kind == .lease,
                ledger.isCurrent(slot)
            else { continue }
            let row = ledger.lease(slot)
            guard !row.isSettled, row.unspent <= 0, row.reserved == 0, retired[slot] == nil else { continue }
            let (tenant, meter) = ledger.withNames(of: slot) { tenant, meter in
                (
                    String(decoding: Array(copying: tenant), as: UTF8.self),
                    String(decoding: Array(copying: meter), as: UTF8.self)
                )
            }
            guard isLongOver(place, meter), partitions.isTold(keys.partition(of: tenant)),
                !(server.directory.known(tenant)?.leases.contains { $0?.row == slot } ?? false)
            else { continue }
            row.setSettled(true)
        }
    }

    /// Whether a period that starts then has ended for certain.
    private func isLongOver(_ place: SlotPlace, _ meter: String) -> Bool {
        // What is in flight has one period for ever, which begins with time.
        guard place.periodStart > 0 else { return false }
        let cycle = server.rules.catalogue.meters.first { $0.name == meter }?.cycle
        let longest: Int64 =
            switch cycle {
            case .minute: 60
            case .hour: 3600
            // A day of a change of time, and a month's edge moved to a whole hour.
            case .day: 26 * 3600
            case .month: 32 * 86_400
            case .period, nil: 367 * 86_400
            }
        return server.redisSecond > Int64(place.periodStart) * 60 + longest + 3600
    }

    // MARK: - Calls for a Redis that was not told everything

    /// What Redis counts for this holder is a total of its own: it must not begin again below what the ledger has.
    func mustBeToldFirst(_ call: SpendCall) -> Bool {
        (call.command == .take || call.command == .record) && !partitions.isTold(call.entry.partition)
            && ledger.statistics.decidedCount > 0 && call.rules === server.rules
            && call.request.items.contains { server.rules.isCounter[$0.meter] }
    }

    /// Sends the calls that have waited for their partition to be told.
    func sendUntold() {
        let calls = untoldCalls
        untoldCalls = []
        for call in calls where !call.isDone { server.directory.dispatch(call) }
    }
}
