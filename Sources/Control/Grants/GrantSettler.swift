import Metering
import RedisLink

/// Settles grants: what they were drawn by when they ended, and what of them goes on into a new period.
///
/// Any daemon may do it, and several at once: whoever writes the record first has done it, and the others find nothing
/// left to do.
struct GrantSettler {
    /// Tenants of each partition that one round looks at, and one over all that have grants.
    private static let mostTenants = 100
    private static let mostOfAll = 10_000

    let context: ControlContext
    /// How long after an end all usage up to it is known to Redis.
    let delay: Duration

    /// One round over the tenants for whom something is due, or over all with grants.
    ///
    /// - Parameter failed: How many tenants are known to stay due, since their records cannot be changed: so many more
    ///   are looked at, so that nobody waits behind them.
    /// - Returns: The tenants whose records cannot be changed, and why; nil if it is too early, since this daemon has
    ///   usage that Redis has not been told of.
    @discardableResult
    func round(all: Bool = false, failed: Int = 0) async throws(StoreError) -> [String: String]? {
        let now = try await context.store.time() / 1_000_000
        let second = now - Int64((delay / .seconds(1)).rounded(.up))
        let tenants = try await context.store.tenantsWithGrants(
            dueBy: all ? nil : second,
            limit: all ? Self.mostOfAll : min(Self.mostOfAll, Self.mostTenants + failed))
        guard !tenants.isEmpty else { return [:] }
        guard await context.settle() else { return nil }
        var failures: [String: String] = [:]
        for tenant in tenants {
            do {
                try await settle(tenant, at: second, now: now)
            } catch let error as StoreError where error.isRetryable {
                throw error
            } catch {
                failures[tenant] = (error as? Problem)?.detail ?? (error as? StoreError)?.message ?? "\(error)"
            }
        }
        return failures
    }

    private func settle(_ id: String, at second: Int64, now: Int64) async throws {
        // A Redis that has forgotten usage would give it all back.
        guard try await !context.store.isLearning(id) else { return }
        let catalogue = context.catalogue()
        let cause = TenantEditor.Cause(action: "grant.settle", actor: "timer:grants")
        _ = try await TenantEditor(context: context).change(id, cause) { old in
            guard let old else { return nil }
            return try await settled(old, at: second, now: now, catalogue)
        }
    }

    private func settled(
        _ old: Tenant, at second: Int64, now: Int64, _ catalogue: Catalogue
    ) async throws(StoreError) -> Tenant {
        let calendar = PeriodCalendar(catalogue.timeZone)
        let counters = old.grants.map { (meter: $0.meter, period: $0.periodStart) }
        let used = try await context.store.used(old.id, counters)
        var tenant = old
        tenant.grants = []
        for meter in Set(old.grants.map(\.meter)).sorted() {
            var grants = old.grants.filter { $0.meter == meter }
            if let definition = catalogue.meter(meter), definition.kind == .counter, let cycle = definition.cycle {
                var book = GrantBook(grants)
                book.settle(
                    at: second, in: calendar.period(for: cycle, at: second, tenant: old),
                    newest: calendar.period(for: cycle, at: now, tenant: old)
                ) { period in
                    zip(counters, used).first { $0.0 == (meter, period) }?.1 ?? 0
                }
                tenant.grants += book.grants
            } else {
                // The catalogue has lost the counter: its grants wait for it until they end.
                grants.removeAll { $0.end <= second }
                for index in grants.indices { grants[index].periodEnd = grants[index].end }
                tenant.grants += grants
            }
        }
        tenant.grants.sort { $0.id < $1.id }
        return tenant
    }
}
