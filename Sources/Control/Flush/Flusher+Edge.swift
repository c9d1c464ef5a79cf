import Billing
import RedisLink
import StripeAPI

/// An hour of usage records that an edge parts which nobody foresaw.
extension Flusher {
    /// Finds what the old period was billed of the hour, where nobody knows it any more: Stripe's total of the period
    /// without what it acknowledged of the period's other hours.
    func comparePeriod(_ sending: Sending, _ stripe: StripeClient) async throws(StoreError) -> LaneEntry {
        let (order, key, store) = (sending.order, sending.order.key, context.store)
        guard case .item(let item) = order.destination,
            let hour = try await store.hours(
                tenant: key.tenant, meter: key.meter, from: key.hour, to: key.hour + 1
            ).first
        else { return .notSent(order.hour.key, .comparing) }
        let stamp = hour.stamp ?? key.hour * 3600
        let summaries: [UsageRecordSummary]
        do throws(StripeError) {
            summaries = try await stripe.usageRecordSummaries(item: item)
        } catch {
            return try await leave(sending, StripeOutcome(error))
        }
        let old = summaries.first { summary in
            (summary.periodStart ?? .min) <= stamp
                && summary.periodEnd.map { stamp < $0 && $0 <= order.timestamp } ?? false
        }
        guard old != nil || hour.stamp == nil else {
            // Stripe does not tell the old period yet, in which it took a record of the hour.
            _ = try await store.endSends(
                partition: sending.partition, life: sending.life, [sending.result(.no)])
            return .notSent(order.hour.key, .comparing)
        }
        let start = old?.periodStart ?? stamp - EventTimestamp.oldestSeconds
        let others = try await store.hours(
            tenant: key.tenant, meter: key.meter, from: start / 3600, to: key.hour
        ).reduce(0) { $0 + $1.billed(from: start) }
        let result = SendResult(
            key: key, attempt: sending.attempt, form: order.form,
            destination: StripePlace.item(item).text(stamp: stamp, of: key.hour), outcome: .compared,
            total: max(0, (old?.totalUsage ?? 0) - others))
        _ = try await store.endSends(partition: sending.partition, life: sending.life, [result])
        return .settled
    }
}
