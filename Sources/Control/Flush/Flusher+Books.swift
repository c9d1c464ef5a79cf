import Billing
import Logging
import Metering
import RedisLink
import StripeAPI

/// What a round has to know before it can send: the tenants' records, and the meters and items at Stripe.
extension Flusher {
    /// The records of the tenants in the batch; those that cannot be read are missing, and logged.
    func tenants(of batch: [StoredHour]) async throws(StoreError) -> [String: Tenant] {
        let records = try await context.store.tenants(ids: Array(Set(batch.map(\.key.tenant))))
        var tenants: [String: Tenant] = [:]
        for stored in records {
            do {
                tenants[stored.id] = try ControlContext.tenant(stored)
            } catch {
                context.logger.warning("A tenant's record cannot be read", metadata: ["reason": "\(error)"])
            }
        }
        return tenants
    }

    /// Reads the meters at Stripe if what is known does not do. Returns why nothing can be sent, or nil.
    func readMeters(for batch: [StoredHour], _ catalogue: Catalogue, roundStart: Int64) async -> String? {
        let meters = Set(batch.map(\.key.meter)).compactMap { catalogue.meter($0)?.stripe }
        let wanted = meters.compactMap { meter in meter.eventName.map { (eventName: $0, mode: meter.mode) } }
        let now = context.now()
        guard let stripe = context.stripe, !wanted.isEmpty,
            book.isStale(for: wanted, now: now, roundStart: roundStart)
        else { return nil }
        do {
            book.learn(try await stripe.listMeters(), now: now)
            return nil
        } catch {
            return "Stripe's meters cannot be read: \(error)"
        }
    }

    /// After so many subscriptions that could not be read a batch reads no more: each may take a whole deadline.
    private static let mostUnreadable = 8

    /// Reads the subscription items of the tenants whose usage goes out as usage records. A subscription that Stripe
    /// does not have keeps only its tenant waiting. Returns why nothing can be sent, or nil.
    func readItems(
        for batch: [StoredHour], _ catalogue: Catalogue, _ tenants: [String: Tenant]
    ) async -> String? {
        guard let stripe = context.stripe else { return nil }
        var prices: [String: Set<String>] = [:]
        for key in batch.map(\.key) {
            guard let price = catalogue.meter(key.meter)?.stripe?.price else { continue }
            prices[key.tenant, default: []].insert(price)
        }
        let now = context.now()
        let stale = prices.compactMap { id, prices in
            tenants[id].flatMap { $0.subscription != nil && items.isStale($0, prices: prices, now: now) ? $0 : nil }
        }
        var failures = 0
        for start in stride(from: 0, to: stale.count, by: configuration.sendsAtOnce) {
            let part = stale[start..<min(start + configuration.sendsAtOnce, stale.count)]
            let found = await withTaskGroup(of: (Tenant, Result<StripeSubscription, StripeError>).self) { group in
                for tenant in part {
                    group.addTask {
                        do throws(StripeError) {
                            return (
                                tenant,
                                .success(
                                    try await stripe.subscription(
                                        tenant.subscription ?? "", isForUsageRecords: true))
                            )
                        } catch {
                            return (tenant, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (tenant, result) in found {
                switch result {
                case .success(let subscription): items.learn(subscription, tenant: tenant.id, now: now)
                case .failure(let error) where error.httpStatus == 404: items.forget(tenant, now: now)
                case .failure(let error) where error.httpStatus == 401 || error.httpStatus == 403:
                    return "Stripe's subscriptions cannot be read: \(error)"
                case .failure(let error):
                    // Its hours stay owed; nobody else waits for them.
                    failures += 1
                    context.logger.warning(
                        "A tenant's subscription cannot be read",
                        metadata: ["tenant": "\(tenant.id)", "reason": "\(error)"])
                }
            }
            if failures >= Self.mostUnreadable { break }
        }
        return nil
    }
}
