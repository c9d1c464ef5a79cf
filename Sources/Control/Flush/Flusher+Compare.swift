import Billing
import Logging
import RedisLink
import StripeAPI

/// What is settled by what Stripe has recorded: hours of which nobody knows what was sent, and periods whose books have
/// closed.
extension Flusher {
    /// Takes what Stripe has of the hour as what was sent of it.
    func compare(_ sending: Sending) async throws(StoreError) -> LaneEntry {
        let order = sending.order
        guard let stripe = context.stripe else { return .notSent(order.hour.key, .comparing) }
        guard case .meter(let facts, _, let customer) = order.destination else {
            return try await comparePeriod(sending, stripe)
        }
        let recorded: Int64
        do throws(StripeError) {
            recorded =
                try await stripe.recordedByHour(
                    meter: facts.id, customer: customer, from: order.hour.hour, to: order.hour.hour + 1
                )[order.hour.hour] ?? 0
        } catch {
            return try await leave(sending, StripeOutcome(error))
        }
        _ = try await context.store.endSends(
            partition: sending.partition, life: sending.life, [sending.result(.compared, total: recorded)])
        return .settled
    }

    /// The comparison waits for a later round. It is `open` where only the mark tells that it is needed.
    func leave(
        _ sending: Sending, _ outcome: StripeOutcome, _ end: SendResult.Outcome = .no
    ) async throws(StoreError) -> LaneEntry {
        let key = sending.order.hour.key
        let decision = backoff.note(
            outcome, of: key, earlierUnknown: false, now: context.now(),
            random: Double.random(in: 0...1, using: &random))
        _ = try await context.store.endSends(
            partition: sending.partition, life: sending.life, [sending.result(end)])
        return .failed(
            key, "what Stripe recorded cannot be read: \(decision.reason)",
            backoff.hold(on: key, now: context.now()) ?? .comparing)
    }

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
        if let since = try await store.successions(of: [claim.partition])[claim.partition] {
            let until = since / 1000 + sendTimes.mark + sendTimes.summaryLag
            // A clock that was set back since then says nothing.
            if until > now, since / 1000 < now + sendTimes.mark { return tally.noteWaiting(owed, .late(until: until)) }
        }
        let isOwed = Set(owed.map(\.key))
        // With the next period's first hour, of which this one may have been billed a part.
        let all = try await store.hours(
            tenant: period.tenant, meter: period.meter, from: period.start / 3600, to: period.end / 3600 + 1)
        var hours = all.dropLast().filter { isOwed.contains($0.key) || $0.latePeriod == period.start }
        let dead = try await store.dead(among: hours.map(\.key))
        hours = hours.filter { !dead.contains($0.key) }
        if let until = hours.compactMap(\.sendingUntil).max(), until / 1000 + sendTimes.summaryLag > now {
            let end = min(until / 1000, now + sendTimes.mark) + sendTimes.summaryLag
            return tally.noteWaiting(owed, .late(until: end))
        }
        let amount: Int64
        do throws(StripeError) {
            amount = try await lacking(hours, of: all, in: period)
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

    /// What Stripe does not have of these hours. `all` are those of the period and the one behind it.
    private func lacking(
        _ hours: [StoredHour], of all: [StoredHour], in period: LatePeriod
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
            // Usage records are read back by whole periods only, whose edges at Stripe are exact. What Stripe has
            // beyond what it acknowledged, or less, was acknowledged in a life of Redis that is forgotten.
            let summary = try await stripe.usageRecordSummaries(item: item).first {
                ($0.periodEnd).map { $0 - $0 % 3600 == period.end } ?? false
            }
            let beyond = summary.map { summary in
                let next = summary.periodEnd.flatMap { all.last?.billed(item, before: $0) } ?? 0
                let start = summary.periodStart ?? .min
                return summary.totalUsage - all.dropLast().reduce(next) { $0 + $1.billed(item, from: start) }
            }
            return hours.reduce(-(beyond ?? 0)) { $0 + rest($1, recorded: max(0, $1.acknowledged)) }
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

    /// An hour that Stripe would refuse as too old becomes a dead letter without being asked about.
    func buryTooOld(
        _ hour: StoredHour, _ form: SendForm, _ tally: inout FlushTally
    ) async throws(StoreError) {
        let key = hour.key
        let total = try await context.store.hours(
            tenant: key.tenant, meter: key.meter, from: key.hour, to: key.hour + 1
        ).first?.total
        let letter = DeadLetter(
            code: "timestamp_too_far_in_past", message: "older than the 35 days Stripe takes",
            at: context.now() / 1000, total: total ?? 0)
        _ = try await context.store.expire(key, letter, form: form)
        tally.noteWaiting(OwedHour(hour).key, .dead)
        context.logger.error(
            "An hour is older than the 35 days Stripe takes",
            metadata: [
                "tenant": "\(key.tenant)", "meter": "\(key.meter)", "hour": "\(InstantText.text(hour: key.hour))",
            ])
    }
}

extension StripeClient {
    /// What Stripe has recorded for a customer from `first` on to before `end`, by hours since the Unix epoch.
    func recordedByHour(
        meter: String, customer: String, from first: Int64, to end: Int64
    ) async throws(StripeError) -> [Int64: Int64] {
        var recorded: [Int64: Int64] = [:]
        // Stripe's pages hold 100 rows (docs.stripe.com/api/pagination), and one listing reads 50 of them at most.
        for start in stride(from: first, to: end, by: 2_400) {
            let summaries = try await eventSummaries(
                meter: meter, customer: customer, fromHour: start, toHour: min(start + 2_400, end))
            // A value beyond what a total can be is nothing that was sent from here; it must not stop the program.
            for summary in summaries {
                recorded[summary.startTime / 3600, default: 0] +=
                    Int64(min(max(summary.aggregatedValue.rounded(), -1e15), 1e15))
            }
        }
        return recorded
    }
}
