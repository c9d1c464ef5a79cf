import Billing
import Metering
import RedisLink

extension Reconciler {
    /// Compares a meter with usage records, of which Stripe tells whole periods, with all hours of the periods that the
    /// range touches.
    func compare(
        _ periods: [StripeRecords.Period], of item: String, _ pair: Pair, _ scope: Scope
    ) async throws(StoreError) -> ReconcilePage {
        var page = ReconcilePage()
        // Of the others Stripe says nothing, and what it acknowledged counts as what it has.
        var rest = pair
        rest.standings.removeAll { standing in periods.contains { $0.hours.contains(standing.hour.key.hour) } }
        page.hours += rest.standings.count
        for entry in try await differences(rest, scope, nil, item) {
            page.add(try await fixed(row(entry, pair), entry, pair, scope))
        }
        for period in periods where period.hours.overlaps(scope.hours) {
            let standings = try await standings(pair, period.hours)
            var facts = try await facts(standings, pair.payer, item)
            for (index, hour) in standings.map(\.hour).enumerated() where !period.has(hour) {
                facts[index].isElsewhere = true
            }
            // The next period's first hour, of which this one may have been billed a part.
            let next = try await context.store.hours(
                tenant: pair.tenant, meter: pair.meter, from: period.hours.upperBound,
                to: period.hours.upperBound + 1
            ).first
            let found = Difference.ofPeriod(
                facts, recorded: period.total - (next?.billed(item, before: period.exact.upperBound) ?? 0),
                now: context.now() / 1000, lag: lag)
            page.hours += standings.count
            page.compared += standings.count
            for (index, difference) in found.hours {
                let hour = standings[index].hour
                page.add(row(Entry(key: hour.key, identifier: hour.identifier, difference: difference), pair))
            }
            if let difference = found.period {
                page.add(try await fixed(difference, period, of: item, standings, pair, scope))
            }
        }
        return page
    }

    private func standings(_ pair: Pair, _ hours: Range<Int64>) async throws(StoreError) -> [HourStanding] {
        var all: [HourStanding] = []
        for start in stride(from: hours.lowerBound, to: hours.upperBound, by: Int(ReconcileQuestion.longest)) {
            all += try await context.store.standings(
                tenant: pair.tenant, meter: pair.meter, from: start,
                to: min(start + ReconcileQuestion.longest, hours.upperBound))
        }
        return all
    }

    /// The period's row, after its hours were made owed again if that is asked for and can help: which of them Stripe
    /// lacks nobody can tell, and to set them all again changes only those.
    private func fixed(
        _ difference: Difference, _ period: StripeRecords.Period, of item: String, _ standings: [HourStanding],
        _ pair: Pair, _ scope: Scope
    ) async throws(StoreError) -> ReconcilePage.Row {
        let key = StoredHour.Key(tenant: pair.tenant, meter: pair.meter, hour: period.hours.lowerBound)
        var difference = difference
        var isSame = true
        if difference.explanation == .unknown {
            // An hour may have been sent between the two readings.
            let again = try await self.standings(pair, period.hours)
            isSame = again.map(\.hour) == standings.map(\.hour)
            if !isSame {
                difference.explanation = .inFlight
                difference.detail = "it changed while it was compared"
            }
        }
        var row = row(Entry(key: key, identifier: nil, difference: difference), pair)
        row.periodEnd = InstantText.text(hour: period.hours.upperBound)
        guard let fixer = scope.fixer, row.explanation == .unknown else { return row }
        guard period.isOpen else {
            row.detail += "; its period is over, and Stripe takes nothing more of it"
            return row
        }
        // Once by itself: what differs again is not put right by it, as when somebody else records usage there.
        let first = standings.first { $0.hour.wasTaken }?.hour.key
        if scope.due != nil, let first, try await !context.store.noteReset(first) {
            row.detail += "; it was set again before, which did not help"
            return row
        }
        for hour in standings.map(\.hour)
        where hour.wasTaken && hour.isOf(item) && period.has(hour) {
            if try await reopen(hour.key, identifier: hour.identifier, row, pair.stripe.mode, by: fixer) {
                row.fixed = true
            }
        }
        return row
    }
}

extension StoredHour {
    /// Whether Stripe took something of it, which may be zero by now.
    fileprivate var wasTaken: Bool { acknowledged != 0 || destination != nil }
}

extension StripeRecords.Period {
    /// Whether what was acknowledged of one of its hours, if anything was, is billed in it.
    fileprivate func has(_ hour: StoredHour) -> Bool {
        hour.acknowledged == 0 || hour.isBilled(from: exact.lowerBound)
    }
}
