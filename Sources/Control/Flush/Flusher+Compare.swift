import Billing
import Logging
import RedisLink
import StripeAPI

/// What is settled by what Stripe has recorded: hours of which nobody knows what was sent.
extension Flusher {
    /// Takes what Stripe has of the hour as what was sent of it, where it went last: perhaps to another customer or
    /// meter than where it goes now.
    func compare(_ sending: Sending) async throws(StoreError) -> LaneEntry {
        let (order, key, store) = (sending.order, sending.order.key, context.store)
        guard let stripe = context.stripe else { return .notSent(order.hour.key, .comparing) }
        let hour = try await store.hours(tenant: key.tenant, meter: key.meter, from: key.hour, to: key.hour + 1).first
        let place = StripePlace(meter: hour?.destination) ?? order.destination.place
        guard case .meter(let meter, let payer) = place else { return try await comparePeriod(sending, hour, stripe) }
        let isElsewhere = place.text != order.destination.place.text
        var recorded: Int64
        do throws(StripeError) {
            recorded =
                try await stripe.recordedByHour(meter: meter, customer: payer, from: key.hour, to: key.hour + 1)[
                    key.hour] ?? 0
        } catch {
            // What is gone there tells nothing any more.
            guard isElsewhere, error.isInStripeShape, StripeAnswer.isRefusal(error.httpStatus ?? 0) else {
                return try await leave(sending, StripeOutcome(error), isElsewhere ? .open : .no)
            }
            recorded = hour?.acknowledged ?? 0
        }
        let result = SendResult(
            key: key, attempt: sending.attempt, form: order.form, destination: place.text, outcome: .compared,
            total: recorded)
        _ = try await store.endSends(partition: sending.partition, life: sending.life, [result])
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
