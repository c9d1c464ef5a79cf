import Metering
import StripeAPI

/// Where the usage records of a tenant's meter go.
enum ItemFit: Sendable, Equatable {
    /// A subscription item, and when its current period began at Stripe (seconds since the Unix epoch).
    case found(String, periodStart: Int64)
    /// There is none; the sentence says why.
    case missing(String)
}

/// The subscription items of tenants as they were when they were last read. Bounded: what was read first makes room.
struct ItemBook {
    /// How long a reading counts, in milliseconds.
    static let lifetime: Int64 = 300_000
    private static let capacity = 20_000

    private struct Reading {
        let items: [StripeSubscription.Item]
        let subscription: String
        let readAt: Int64
    }

    private var readings: [String: Reading] = [:]

    mutating func learn(_ subscription: StripeSubscription, tenant: String, now: Int64) {
        if readings.count >= Self.capacity {
            readings = readings.filter { now - $0.value.readAt < Self.lifetime / 2 }
            if readings.count >= Self.capacity { readings.removeAll() }
        }
        readings[tenant] = Reading(items: subscription.items, subscription: subscription.id, readAt: now)
    }

    /// Stripe does not have the tenant's subscription.
    mutating func forget(_ tenant: Tenant, now: Int64) {
        readings[tenant.id] = Reading(items: [], subscription: tenant.subscription ?? "", readAt: now)
    }

    /// The next round reads them again.
    mutating func expire() { readings.removeAll() }

    /// Whether the tenant's items have to be read: they never were, too long ago, of another subscription, or their
    /// period is over.
    func isStale(_ tenant: Tenant, now: Int64) -> Bool {
        guard let reading = readings[tenant.id], reading.subscription == tenant.subscription,
            now >= reading.readAt, now - reading.readAt < Self.lifetime
        else { return true }
        return reading.items.contains { item in
            item.periodEnd.map { $0 * 1000 <= now && reading.readAt < $0 * 1000 + 10_000 } ?? false
        }
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
