import Billing
import RedisLink
import StripeAPI

/// An hour of usage records that an edge parts which nobody foresaw.
extension Flusher {
    /// Finds what the old period was billed of the hour, where nobody knows it any more: Stripe's total of the period
    /// without what it acknowledged of the period's other hours, and without what late usage has taken to be theirs.
    /// Not while Stripe may still take records of that period, or its total may not have them.
    func comparePeriod(
        _ sending: Sending, _ hour: StoredHour?, _ stripe: StripeClient
    ) async throws(StoreError) -> LaneEntry {
        let (order, key, store) = (sending.order, sending.order.key, context.store)
        guard case .item(let item) = order.destination, let hour else { return .notSent(order.hour.key, .comparing) }
        let stamp = hour.stamp ?? key.hour * 3600
        // The hour stays in doubt.
        func wait() async throws(StoreError) -> LaneEntry {
            _ = try await store.endSends(
                partition: sending.partition, life: sending.life, [sending.result(.open)])
            return .notSent(order.hour.key, .comparing)
        }
        let known =
            order.timestamp + PeriodBooks.usageRecordGrace + times.markSeconds + times.summaryLagSeconds
        guard known * 1000 <= context.now() else { return try await wait() }
        let summaries: [UsageRecordSummary]
        do throws(StripeError) {
            summaries = try await stripe.usageRecordSummaries(item: item)
        } catch {
            return try await leave(sending, StripeOutcome(error), .open)
        }
        let old = summaries.first { summary in
            (summary.periodStart ?? .min) <= stamp
                && summary.periodEnd.map { stamp < $0 && $0 <= order.timestamp } ?? false
        }
        // Stripe does not tell the old period yet, in which it took a record of the hour.
        guard old != nil || hour.stamp == nil else { return try await wait() }
        let start = old?.periodStart ?? stamp - EventTimestamp.oldestSeconds
        let others = try await store.hours(
            tenant: key.tenant, meter: key.meter, from: start / 3600, to: key.hour)
        let billed = others.reduce(0) { $0 + $1.billed(item, from: start) }
        // No more than can be of this hour: others than this program may have recorded usage of the period.
        let here = (old?.totalUsage ?? 0) - billed - Self.forgotten(others, rows: hour.lateRows)
        let result = SendResult(
            key: key, attempt: sending.attempt, form: order.form,
            destination: StripePlace.item(item).text(stamp: stamp, of: key.hour), outcome: .compared,
            total: max(0, min(here, hour.mostSent ?? here)))
        _ = try await store.endSends(partition: sending.partition, life: sending.life, [result])
        return .settled
    }

    /// What late rows were made less by, because Stripe had it of their hours beyond what it acknowledged; below zero
    /// where it had less.
    private static func forgotten(_ hours: [StoredHour], rows: [Int64: Int64]) -> Int64 {
        var lacking: [Int64: Int64] = [:]
        for hour in hours {
            guard let period = hour.latePeriod, let settled = hour.settledLate else { continue }
            lacking[period, default: 0] += settled - max(0, hour.acknowledged)
        }
        return lacking.reduce(0) { $0 + $1.value - (rows[$1.key] ?? 0) }
    }
}
