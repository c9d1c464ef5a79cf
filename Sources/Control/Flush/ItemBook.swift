import Metering
import StripeAPI

/// Where the usage records of a tenant's meter go.
enum ItemFit: Sendable, Equatable {
    /// A subscription item, and when its current period began at Stripe (seconds since the Unix epoch).
    case found(String, periodStart: Int64)
    /// There is none; the sentence says why.
    case missing(String)
}

/// The subscription items of tenants as they were when they were last read, which is done as seldom as can be: reads
/// are counted (docs.stripe.com/rate-limits: at most 500 for each transaction of a month). Bounded: what was read first
/// makes room.
struct ItemBook {
    /// How long a reading counts that has what is sent to, in milliseconds. That it has changed meanwhile is told by
    /// the tenant's record, or by a refusal.
    private static let lifetime: Int64 = 86_400_000
    /// How long one counts that lacks it, or does not agree with the record; and how long no refusal is blamed on the
    /// one that was made after another refusal.
    static let retryAfter: Int64 = 300_000
    /// How long ago a reading is that a refusal cannot be blamed on.
    private static let fresh: Int64 = 10_000
    private static let capacity = 100_000

    private struct Reading {
        let items: [StripeSubscription.Item]
        let subscription: String
        let readAt: Int64
    }

    private var readings: [String: Reading] = [:]
    /// When a tenant's reading was given up for a refusal, in milliseconds since the Unix epoch.
    private var doubted: [String: Int64] = [:]

    mutating func learn(_ subscription: StripeSubscription, tenant: String, now: Int64) {
        if readings.count >= Self.capacity {
            let newer = readings.sorted { $0.value.readAt > $1.value.readAt }.prefix(Self.capacity / 2)
            readings = Dictionary(uniqueKeysWithValues: newer.map { ($0.key, $0.value) })
        }
        readings[tenant] = Reading(items: subscription.items, subscription: subscription.id, readAt: now)
    }

    /// Stripe does not have the tenant's subscription.
    mutating func forget(_ tenant: Tenant, now: Int64) {
        readings[tenant.id] = Reading(items: [], subscription: tenant.subscription ?? "", readAt: now)
    }

    /// The next round reads them again.
    mutating func expire() { readings.removeAll() }

    /// Whether Stripe may have refused a usage record because the reading was old: then it counts no more.
    mutating func doubt(_ tenant: String, now: Int64) -> Bool {
        if let before = doubted[tenant], now >= before, now - before < Self.retryAfter { return false }
        if let reading = readings[tenant], now >= reading.readAt, now - reading.readAt < Self.fresh { return false }
        readings[tenant] = nil
        if doubted.count >= Self.capacity { doubted.removeAll() }
        doubted[tenant] = now
        return true
    }

    /// Whether the tenant's items have to be read in order to send to those with these prices: they never were, too
    /// long ago, of another subscription, or their period is over.
    func isStale(_ tenant: Tenant, prices: Set<String>, now: Int64) -> Bool {
        guard let reading = readings[tenant.id], reading.subscription == tenant.subscription, now >= reading.readAt,
            now - reading.readAt < (isAsWanted(reading, tenant, prices) ? Self.lifetime : Self.retryAfter)
        else { return true }
        return reading.items.contains { item in
            item.periodEnd.map { $0 * 1000 <= now && reading.readAt < $0 * 1000 + Self.fresh } ?? false
        }
    }

    /// Whether there is an item of each price, and none of them of an earlier period than the record states, by hours.
    private func isAsWanted(_ reading: Reading, _ tenant: Tenant, _ prices: Set<String>) -> Bool {
        let wanted = reading.items.filter { prices.contains($0.priceID) }
        return prices.isSubset(of: wanted.map(\.priceID))
            && wanted.allSatisfy { ($0.periodStart ?? .max) / 3600 >= (tenant.periodStart ?? .min) / 3600 }
    }

    /// Nil before the first reading.
    func fit(_ tenant: Tenant, price: String) -> ItemFit? {
        guard tenant.subscription != nil else { return .missing("the tenant has no subscription") }
        guard let reading = readings[tenant.id], reading.subscription == tenant.subscription else { return nil }
        guard let item = reading.items.first(where: { $0.priceID == price }) else {
            return .missing("\(reading.subscription) has no item with the price \(price): add one at Stripe")
        }
        if let aggregate = item.aggregateUsage, aggregate != "sum" {
            return .missing(
                "the price \(price) has aggregate_usage \(aggregate), so it would bill one hour alone; it must be sum: "
                    + "make another price")
        }
        return .found(item.id, periodStart: item.periodStart ?? 0)
    }
}
