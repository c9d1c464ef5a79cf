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
        guard case .meter(let facts, _, let customer) = order.destination, let stripe = context.stripe else {
            return .notSent(order.hour.key, .comparing)
        }
        let recorded: Int64
        do throws(StripeError) {
            recorded = try await stripe.recorded(
                meter: facts.id, customer: customer, from: order.hour.hour, to: order.hour.hour + 1)
        } catch {
            return try await leave(sending, StripeOutcome(error))
        }
        _ = try await context.store.endSends(
            partition: sending.partition, life: sending.life, [sending.result(.compared, total: recorded)])
        return .settled
    }

    /// The comparison waits for the next round.
    private func leave(_ sending: Sending, _ outcome: StripeOutcome) async throws(StoreError) -> LaneEntry {
        let key = sending.order.hour.key
        let decision = backoff.note(
            outcome, of: key, earlierUnknown: false, now: context.now(),
            random: Double.random(in: 0...1, using: &random))
        _ = try await context.store.endSends(
            partition: sending.partition, life: sending.life, [sending.result(.no)])
        return .failed(
            key, "what Stripe recorded cannot be read: \(decision.reason)",
            backoff.hold(on: key, now: context.now()) ?? .comparing)
    }

    /// Moves what a period lacks at Stripe to the next period's first hour.
    func settle(
        _ period: LatePeriod, _ owed: [StoredHour], _ tally: inout FlushTally
    ) async throws(StoreError) {
        let store = context.store
        let now = context.now()
        guard let claim = claimed[store.keys.partition(of: period.tenant)] else { return }
        let hours = try await store.allHours(
            tenant: period.tenant, meter: period.meter, from: period.start / 3600, to: period.end / 3600)
        if let until = hours.compactMap(\.sendingUntil).max(), until / 1000 + sendTimes.summaryLag > now {
            for hour in owed {
                tally.noteWaiting(OwedHour(hour).key, .late(until: until / 1000 + sendTimes.summaryLag))
            }
            return
        }
        let recorded: Int64
        do throws(StripeError) {
            guard let found = try await self.recorded(period) else {
                return hold(owed, "Stripe has no summary of the period", &tally)
            }
            recorded = found
        } catch {
            return hold(owed, "\(error)", &tally)
        }
        let amount = hours.reduce(0) { $0 + $1.total } - recorded
        let isOwed = Set(owed.map(\.key))
        let settling = hours.filter {
            isOwed.contains($0.key) || ($0.total != $0.acknowledged && $0.total != $0.settledLate)
        }
        let first = StoredHour.Key(tenant: period.tenant, meter: period.meter, hour: period.end / 3600)
        let settled = try await store.putLate(
            first: first, period: period.start, amount: amount, settling: settling, claim: claim.token)
        context.logger.notice(
            "Usage came after its period's books had closed: it goes out with the next period",
            metadata: [
                "tenant": "\(period.tenant)", "meter": "\(period.meter)", "units": "\(amount)",
                "period": "\(InstantText.text(hour: period.start / 3600))", "hours": "\(settled ?? 0)",
            ])
    }

    private func hold(_ owed: [StoredHour], _ reason: String, _ tally: inout FlushTally) {
        for hour in owed {
            tally.noteFailure(OwedHour(hour).key, "what Stripe recorded cannot be read: \(reason)")
            tally.noteWaiting(OwedHour(hour).key, .late(until: context.now()))
        }
    }

    /// What Stripe has of a period; nil when it does not say.
    private func recorded(_ period: LatePeriod) async throws(StripeError) -> Int64? {
        guard let stripe = context.stripe else { return nil }
        switch period.destination {
        case .meter(let id, let customer):
            return try await stripe.recorded(
                meter: id, customer: customer, from: period.start / 3600, to: period.end / 3600)
        case .item(let item):
            let summaries = try await stripe.usageRecordSummaries(item: item)
            // Its edges at Stripe are exact, and ours at the whole hour at or before them.
            let match = summaries.first {
                ($0.periodEnd).map { $0 - $0 % 3600 == period.end } ?? false
            }
            return match?.totalUsage
        }
    }

    /// An hour that Stripe would refuse as too old becomes a dead letter without being asked about.
    func buryTooOld(
        _ hour: StoredHour, _ form: SendForm, _ tally: inout FlushTally
    ) async throws(StoreError) {
        let store = context.store
        let partition = store.keys.partition(of: hour.key.tenant)
        guard let claim = claimed[partition] else { return }
        let attempt = EventIdentifier.make(partition: partition, hour: hour.key.hour, using: &random)
        let permit = try await store.beginSends(
            partition: partition, claim: claim.token, [SendRequest(key: hour.key, attempt: attempt, form: .total)],
            times: sendTimes
        )?.permits.first
        guard case .send(let total, _, _) = permit else { return }
        let letter = DeadLetter(
            code: "timestamp_too_far_in_past", message: "older than the 35 days Stripe takes",
            at: context.now() / 1000, total: total)
        _ = try await store.bury(hour.key, letter, attempt: attempt, form: form, lag: sendTimes.summaryLag)
        tally.noteWaiting(OwedHour(hour).key, .dead)
        context.logger.error(
            "An hour is older than the 35 days Stripe takes",
            metadata: [
                "tenant": "\(hour.key.tenant)", "meter": "\(hour.key.meter)",
                "hour": "\(InstantText.text(hour: hour.key.hour))",
            ])
    }
}

extension StripeClient {
    /// What Stripe has recorded for a customer from `first` on to before `end`, hours since the Unix epoch.
    func recorded(
        meter: String, customer: String, from first: Int64, to end: Int64
    ) async throws(StripeError) -> Int64 {
        var total: Int64 = 0
        // Stripe's pages hold 100 rows, and one listing reads 50 of them at most.
        for start in stride(from: first, to: end, by: 2_400) {
            let summaries = try await eventSummaries(
                meter: meter, customer: customer, fromHour: start, toHour: min(start + 2_400, end))
            // A value beyond what a total can be is nothing that was sent from here; it must not stop the program.
            total += summaries.reduce(0) { $0 + Int64(min(max($1.aggregatedValue.rounded(), -1e15), 1e15)) }
        }
        return total
    }
}

extension RedisStore {
    /// As ``hours(tenant:meter:from:to:)``, of any length.
    func allHours(
        tenant: String, meter: String, from first: Int64, to end: Int64
    ) async throws(StoreError) -> [StoredHour] {
        var all: [StoredHour] = []
        for start in stride(from: first, to: end, by: 2_400) {
            all += try await hours(tenant: tenant, meter: meter, from: start, to: min(start + 2_400, end))
        }
        return all
    }
}
