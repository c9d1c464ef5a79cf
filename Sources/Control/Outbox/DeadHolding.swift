import Billing
import Metering
import RedisLink

/// What Stripe has of hours that are to be written off: only the rest is.
struct DeadHolding: Sendable {
    let context: ControlContext

    /// What Stripe has of each hour. Where it cannot be asked for hours, of usage records and where the meter or the
    /// customer is gone, what it acknowledged.
    ///
    /// - Throws: a 503 when Stripe cannot be read: then nobody knows how much would be written off.
    func held(_ keys: [StoredHour.Key]) async throws -> [StoredHour.Key: (has: Int64, hour: StoredHour)] {
        let records = StripeRecords(context: context)
        var held: [StoredHour.Key: (has: Int64, hour: StoredHour)] = [:]
        for span in StripeRecords.spans(keys, key: { $0 }) {
            let first = span[0]
            let hours = first.hour..<(span.map(\.hour).max() ?? first.hour) + 1
            let recorded = try await recorded(first, hours, records)
            let stored = try await context.store.hours(
                tenant: first.tenant, meter: first.meter, from: hours.lowerBound, to: hours.upperBound)
            for hour in stored where span.contains(hour.key) {
                held[hour.key] = (recorded.map { $0[hour.key.hour] ?? 0 } ?? hour.acknowledged, hour)
            }
        }
        return held
    }

    /// Nil where Stripe is not to be asked.
    private func recorded(
        _ key: StoredHour.Key, _ hours: Range<Int64>, _ records: StripeRecords
    ) async throws -> [Int64: Int64]? {
        guard let meter = context.catalogue().meter(key.meter)?.stripe, meter.mode != .usageRecord else { return nil }
        let payer = StripeRecords.Payer(try await context.store.tenant(key.tenant))
        guard payer.customer != nil else { return nil }
        guard context.stripe != nil else {
            throw Problem.unavailable(
                "the daemon has no STRIPE_SECRET_KEY, and without it nobody knows how much of the hours Stripe has: "
                    + "give it one and restart it; nothing was dropped",
                code: "no_key")
        }
        do {
            guard case .hours(let hours, _)? = try await records.recorded(meter, payer: payer, hours: hours) else {
                return nil
            }
            return hours
        } catch {
            // Stripe has no such meter or customer (any more).
            guard error.isOutage else { return nil }
            throw Problem.unavailable(
                "Stripe cannot be read, and so nobody knows how much of the hours it has: try again later; nothing was "
                    + "dropped: \(error)", code: "stripe")
        }
    }
}
