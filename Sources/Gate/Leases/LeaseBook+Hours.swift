internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// The rows of the ledger that belong to a lease.
extension LeaseBook {
    /// Begins to tell Redis everything again, if it has forgotten since this lease was last told.
    func follow(_ held: HeldLease) {
        let edition = partitions.edition(held.partition)
        guard held.edition != edition else { return }
        held.edition = edition
        held.lease.forgetAcknowledgements()
        held.forgetRefusal()
        for hour in hours(of: held) {
            if let row = hour.usage {
                ledger.usage(row).unsettle()
                if row != held.hourRow { held.addOlderHour(hour.hour, row) }
            }
            if let row = hour.decided {
                ledger.decided(row).unsettle()
                held.addDecidedHour(hour.hour, row)
            }
        }
    }

    /// Lists the hours of a lease that Redis may not have, as after a restart.
    func findUnsent(of held: HeldLease) {
        for hour in hours(of: held) {
            if let row = hour.usage, row != held.hourRow, !ledger.usage(row).isSettled {
                held.addOlderHour(hour.hour, row)
            }
            if let row = hour.decided, !ledger.decided(row).isSettled { held.addDecidedHour(hour.hour, row) }
        }
    }

    /// Has an hour's row go on from what was counted in the hour before, in another period: Redis keeps one total an
    /// hour, and a smaller one would count for nothing. Where periods are shorter than an hour the ledger tells it: not
    /// every lease that went to rest in one of them has noted what it counted.
    func goOn(
        _ row: SlotIndex, _ entry: TenantEntry, _ meterName: [UInt8], _ terms: MeterTerms, hour: Int64, isNew: Bool
    ) {
        var before = entry.consumed(String(decoding: meterName, as: UTF8.self), in: hour) ?? 0
        if isNew, terms.isShorterThanHour {
            let id = entry.id
            let pair = ledger.tenantHash(id.span).pair(ledger.meterHash(meterName.span))
            before = max(before, mostConsumed(pair, in: hour, before: terms.period.start))
        }
        if before > 0 { ledger.usage(row).raiseConsumed(to: before) }
    }

    /// The largest total of an hour in the ledger among the periods by the minute that begin in it, before an instant.
    func mostConsumed(_ pair: PairHash, in hour: Int64, before end: Int64) -> Int64 {
        var most: Int64 = 0
        var start = hour * 3600
        while start < end {
            let place = SlotPlace.usage(periodStart: UInt32(clamping: start / 60), hour: UInt32(clamping: hour))
            if let row = ledger.find(pair.key(place)) { most = max(most, ledger.usage(row).consumed) }
            start += 60
        }
        return most
    }

    /// The hours of the lease's period that the ledger has.
    private func hours(of held: HeldLease) -> [LedgerRows.Hour] {
        let (tenant, meter) = (held.entry.id, held.meterName)
        let pair = ledger.tenantHash(tenant.span).pair(ledger.meterHash(meter.span))
        return hours(
            of: pair, periodStart: UInt32(clamping: held.key.period / 60), through: UInt32(clamping: held.hour))
    }

    /// The hours of a tenant's and meter's period that the ledger has, up to this one.
    func hours(of pair: PairHash, periodStart: UInt32, through last: UInt32) -> [LedgerRows.Hour] {
        var hours: [LedgerRows.Hour] = []
        var hour = max(periodStart / 60, ledger.oldestHour ?? last)
        while hour <= last {
            let usage = ledger.find(pair.key(.usage(periodStart: periodStart, hour: hour)))
            let decided = ledger.find(pair.key(.decided(periodStart: periodStart, hour: hour)))
            if usage != nil || decided != nil {
                hours.append(LedgerRows.Hour(hour: Int64(hour), usage: usage, decided: decided))
            }
            hour += 1
        }
        return hours
    }

    /// Keeps what Redis decided for this holder (F10): a total of a row of its own, resent like any other once Redis
    /// has forgotten it. Nothing is kept when the ledger is full: then Redis alone knows of it.
    func keepDecided(_ total: Int64, of meterName: [UInt8], period: Period, hour: Int64, _ entry: TenantEntry) {
        let place = SlotPlace.decided(
            periodStart: UInt32(clamping: period.start / 60), hour: UInt32(clamping: hour))
        guard let row = makeRow(place, entry, meterName, reserve: true)?.row else { return }
        let slot = ledger.decided(row)
        slot.raise(to: total)
        // Redis is where it comes from.
        slot.settle(to: total)
        isLedgerDirty = true
    }

    /// What a sync says of a lease's hours: all that Redis may not have.
    func unsentHours(of held: HeldLease) -> [HourTotals] {
        var hours: [HourTotals] = []
        for older in held.olderHours { hours.append(totals(older.hour, older.row)) }
        if let row = held.hourRow, !ledger.usage(row).isSettled { hours.append(totals(held.hour, row)) }
        for decided in held.decidedHours {
            let total = ledger.decided(decided.row).decided
            if let index = hours.firstIndex(where: { $0.hour == decided.hour }) {
                hours[index].decided = total
            } else {
                hours.append(HourTotals(hour: decided.hour, decided: total))
            }
        }
        return hours
    }

    private func totals(_ hour: Int64, _ row: SlotIndex) -> HourTotals {
        let usage = ledger.usage(row)
        return HourTotals(hour: hour, consumed: usage.consumed, refunded: usage.refunded)
    }

    /// Notes what Redis has of a lease's hours.
    func settle(_ held: HeldLease, _ hours: [HourTotals], isStale: Bool) {
        for told in hours {
            if told.hour == held.hour, let row = held.hourRow {
                settle(row, told, isStale)
            } else if let older = held.olderHours.first(where: { $0.hour == told.hour }) {
                settle(older.row, told, isStale)
            }
            if let decided = held.decidedHours.first(where: { $0.hour == told.hour }) {
                ledger.decided(decided.row).raise(to: told.decided)
                if !isStale { ledger.decided(decided.row).settle(to: told.decided) }
            }
        }
        if !held.olderHours.isEmpty { held.olderHours.removeAll { ledger.usage($0.row).isSettled } }
        if !held.decidedHours.isEmpty { held.decidedHours.removeAll { ledger.decided($0.row).isSettled } }
    }

    private func settle(_ row: SlotIndex, _ told: HourTotals, _ isStale: Bool) {
        let usage = ledger.usage(row)
        usage.raiseConsumed(to: told.consumed)
        usage.raiseRefunded(to: told.refunded)
        if !isStale { usage.settle(consumed: told.consumed, refunded: told.refunded) }
    }
}
