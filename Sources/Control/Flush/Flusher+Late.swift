import Billing
import Logging
import RedisLink
import StripeAPI

/// Usage that came after its period's books had closed.
extension Flusher {
    /// Moves what late hours of a period lack at Stripe to the next period's first hour: those that are owed, and those
    /// that were moved before, whose part of the row is made anew with them.
    func settle(
        _ period: LatePeriod, _ owed: [StoredHour], _ tally: inout FlushTally
    ) async throws(StoreError) {
        let store = context.store
        let now = context.now()
        guard let claim = claimed[store.keys.partition(of: period.tenant)] else {
            return tally.noteWaiting(owed, .elsewhere)
        }
        if let until = lateWaits[period], until > now { return tally.noteWaiting(owed, .late(until: until)) }
        // What an earlier life of Redis has sent may be on its way still, or not in the summaries.
        let succession = try await store.successions(of: [claim.partition])[claim.partition]
        if let since = succession?.since {
            let until = since / 1000 + sendTimes.mark + sendTimes.summaryLag
            // A clock that was set back since then says nothing.
            if until > now, since / 1000 < now + sendTimes.mark { return tally.noteWaiting(owed, .late(until: until)) }
        }
        let atStripe: BilledPeriod?
        do throws(StripeError) {
            atStripe = try await recorded(of: period)
        } catch {
            return try await leave(period, owed, error, &tally)
        }
        let isOwed = Set(owed.map(\.key))
        // With the next period's first hour, of which this one may have been billed a part.
        let all = try await store.hours(
            tenant: period.tenant, meter: period.meter,
            from: min(period.start, atStripe?.exact.lowerBound ?? period.start) / 3600, to: period.end / 3600 + 1)
        var hours = all.dropLast().filter {
            $0.key.hour * 3600 >= period.start && (isOwed.contains($0.key) || $0.latePeriod == period.start)
        }
        let dead = try await store.dead(among: hours.map(\.key))
        hours = hours.filter { !dead.contains($0.key) }
        if let until = hours.compactMap(\.sendingUntil).max(), until / 1000 + sendTimes.summaryLag > now {
            let end = min(until / 1000, now + sendTimes.mark) + sendTimes.summaryLag
            return tally.noteWaiting(owed, .late(until: end))
        }
        let amount: Int64
        do throws(StripeError) {
            amount = try await lacking(hours, of: all, in: period, atStripe, succession)
        } catch {
            return try await leave(period, owed, error, &tally)
        }
        lateWaits[period] = nil
        let first = StoredHour.Key(tenant: period.tenant, meter: period.meter, hour: period.end / 3600)
        let settled = try await store.putLate(
            first: first, period: period.start, amount: amount, settling: hours, dead: dead, claim: claim.token)
        guard let settled else {
            await claims?.lost(claim)
            return tally.noteWaiting(owed, .elsewhere)
        }
        context.logger.notice(
            "Usage came after its period's books had closed: it goes out with the next period",
            metadata: [
                "tenant": "\(period.tenant)", "meter": "\(period.meter)", "units": "\(amount)",
                "period": "\(InstantText.text(hour: period.start / 3600))", "hours": "\(settled)",
            ])
    }

    /// What Stripe has of a period of usage records, which are read back by whole periods only; nil for meters, and
    /// where Stripe tells none that ends with this one. Of several that end within an hour, all: their edges were not
    /// foreseen, and the hour's record does not tell them apart.
    private func recorded(of period: LatePeriod) async throws(StripeError) -> BilledPeriod? {
        guard case .item(let item) = period.place, let stripe = context.stripe else { return nil }
        let ended = try await stripe.usageRecordSummaries(item: item).filter { summary in
            summary.periodEnd.map { $0 - $0 % 3600 == period.end } ?? false
        }
        guard let end = ended.compactMap(\.periodEnd).max() else { return nil }
        let start = ended.map { $0.periodStart ?? period.start }.min() ?? period.start
        return BilledPeriod(exact: min(start, end)..<end, total: ended.reduce(0) { $0 + $1.totalUsage })
    }

    /// What Stripe does not have of these hours. `all` are those of the period and the one behind it.
    private func lacking(
        _ hours: [StoredHour], of all: [StoredHour], in period: LatePeriod, _ atStripe: BilledPeriod?,
        _ succession: Succession?
    ) async throws(StripeError) -> Int64 {
        guard let stripe = context.stripe, let first = hours.first, let last = hours.last else { return 0 }
        let place = period.place.text
        func rest(_ hour: StoredHour, recorded: Int64) -> Int64 {
            // What was moved with another period, or went to another customer or meter, is settled there.
            if let settled = hour.settledLate, hour.latePeriod != period.start { return hour.total - settled }
            if let there = hour.destination, there != place { return hour.total - hour.acknowledged }
            return hour.total - recorded
        }
        switch period.place {
        case .meter(let id, let customer):
            let recorded = try await stripe.recordedByHour(
                meter: id, customer: customer, from: first.key.hour, to: last.key.hour + 1)
            return hours.reduce(0) { $0 + rest($1, recorded: recorded[$1.key.hour] ?? 0) }
        case .item(let item):
            // What Stripe has beyond what it acknowledged, or less, may be of hours that nobody knows what was sent of;
            // the rest of it others have recorded, as whoever billed the subscription before.
            let beyond = atStripe?.beyond(all, of: item, doubt: hours.doubt(of: item, succession)) ?? 0
            return hours.reduce(-beyond) { $0 + rest($1, recorded: max(0, $1.acknowledged)) }
        }
    }

    /// The period waits for Stripe to say what it has; where it never will, an operator has to see to the hours.
    private func leave(
        _ period: LatePeriod, _ owed: [StoredHour], _ error: StripeError, _ tally: inout FlushTally
    ) async throws(StoreError) {
        let isForGood = error.isInStripeShape && StripeAnswer.isRefusal(error.httpStatus ?? 0)
        for hour in owed {
            tally.noteFailure(OwedHour(hour).key, "what Stripe recorded cannot be read: \(error)")
            guard isForGood else { continue }
            let letter = DeadLetter(
                code: error.code ?? "unreadable", message: "what Stripe recorded cannot be read: \(error.message)",
                request: error.requestID, at: context.now() / 1000, total: hour.total)
            _ = try await context.store.expire(hour.key, letter, form: .total)
            tally.noteWaiting(OwedHour(hour).key, .dead)
        }
        guard !isForGood else { return }
        let until = context.now() + Self.lateWait
        if lateWaits.count >= Self.mostLateWaits { lateWaits.removeAll() }
        lateWaits[period] = until
        tally.noteWaiting(owed, .late(until: until))
    }

    /// How long a period waits after what Stripe has of it could not be read, in milliseconds.
    private static let lateWait: Int64 = 300_000
    private static let mostLateWaits = 10_000
}
