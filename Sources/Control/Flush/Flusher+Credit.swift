import Billing
import RedisLink
import StripeAPI

/// Hours of usage records below zero: more was given back of an earlier period than was used since.
extension Flusher {
    /// For how long a credit that nothing could carry is left alone, in milliseconds: to look for what can is a script
    /// over all hours of its period.
    private static let creditWait: Int64 = 300_000

    /// Whether nothing could carry it a short while ago, in the same hour: what was used last in a period has minutes
    /// only to be lowered.
    func wasCreditJustNow(_ key: HourKey) -> Bool {
        guard let then = credits[key] else { return false }
        let now = context.now()
        let hour = { (instant: Int64) in (instant - Self.hourSlack) / 3_600_000 }
        return (then..<then + Self.creditWait).contains(now) && hour(then) == hour(now)
    }

    /// Lets the other hours of its period carry what the hour has too little. What they cannot carry stays owed, for
    /// usage that is still to come and, once the period is over, for the next one.
    func lend(_ order: SendOrder) async throws(StoreError) -> LaneEntry {
        let key = order.hour.key
        guard case .item(let item) = order.destination, let period = order.period, period.contains(key.hour) else {
            return .notSent(key, .credit)
        }
        guard let claim = claimed[context.store.keys.partition(of: key.tenant)] else {
            return .notSent(key, .elsewhere)
        }
        let end = min(period.upperBound, context.now() / 3_600_000 + 1)
        let from = min(max(period.lowerBound, end - EventTimestamp.oldestSeconds / 3600), end)
        let lent = try await context.store.lendCredit(
            first: StoredHour.Key(tenant: key.tenant, meter: key.meter, hour: period.lowerBound), from: from, end: end,
            item: item, claim: claim.token)
        guard let lent else {
            await claims?.lost(claim)
            return .notSent(key, .elsewhere)
        }
        guard lent.moved > 0 else {
            if credits.count < FlushBackoff.rememberedHours { credits[key] = context.now() }
            return .notSent(key, .credit)
        }
        // This round may have passed hours that are owed now.
        if lent.newlyOwed > 0 { wake() }
        return try await send(order)
    }
}
