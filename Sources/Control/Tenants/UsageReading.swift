import Metering
import RedisLink

/// Reads how a tenant's meters stand, from Redis as it is now.
struct UsageReading {
    /// One meter.
    struct Row {
        let meter: Meter
        /// What is allowed; nil for a meter that the plan does not name.
        let limit: Limit?
        /// Of a counter; and of what is in flight, which has all time.
        let period: Period?
        let usage: MeterUsage
        /// What Redis has of a counter, or of what is in flight.
        let stored: StoredUsage?
        /// What Redis has of a level.
        let level: StoredLevel?
    }

    let store: RedisStore
    let catalogue: Catalogue

    /// The meters of a tenant's plan, in the catalogue's order.
    ///
    /// - Parameters:
    ///   - tenant: its record; nil for one that nobody put.
    ///   - now: Unix microseconds, by Redis's clock.
    ///   - meters: these instead, be they in the plan or not.
    func rows(
        of id: String, _ tenant: Tenant?, _ entitlement: Entitlement, at now: Int64, meters: [Meter]? = nil
    ) async throws(StoreError) -> [Row] {
        let calendar = PeriodCalendar(catalogue.timeZone)
        var shown: [(meter: Meter, limit: Limit?, period: Period?)] = []
        for meter in meters ?? catalogue.meters {
            let isLeased = meter.kind == .counter || meter.kind == .concurrency
            let period = isLeased ? calendar.period(of: meter, at: now / 1_000_000, tenant: tenant) : nil
            let limit = entitlement.limit(for: meter.name, in: meter.kind == .counter ? period : nil)
            if meters != nil || limit != nil { shown.append((meter, limit, period)) }
        }
        let leased = shown.compactMap { row in row.period.map { (name: row.meter.name, period: $0.start) } }
        let rateNames = shown.filter { $0.meter.kind == .rate }.map(\.meter.name)
        let levelNames = shown.filter { $0.meter.kind == .level }.map(\.meter.name)
        var usages = try await store.usages(id, leased)[...]
        var arrivals = try await store.arrivals(id, rateNames)[...]
        var levels = try await store.levels(id, levelNames)[...]
        return shown.map { meter, limit, period in
            var usage = MeterUsage(kind: meter.kind, limit: limit?.value ?? 0, used: 0, instant: now)
            var stored: StoredUsage?
            var level: StoredLevel?
            switch meter.kind {
            case .counter, .concurrency:
                stored = usages.popFirst()
                usage.reserved = stored?.reserved(at: now) ?? 0
                usage.used = meter.kind == .counter ? stored?.used ?? 0 : usage.reserved
                usage.period = meter.kind == .counter ? period : nil
            case .rate: Self.read(arrivals.popFirst() ?? nil, of: meter, limit, into: &usage)
            case .level:
                level = levels.popFirst()
                usage.used = level?.used ?? 0
            }
            return Row(meter: meter, limit: limit, period: period, usage: usage, stored: stored, level: level)
        }
    }

    /// The burst less the cells free now, and when it is whole again.
    private static func read(_ arrival: Int64?, of meter: Meter, _ limit: Limit?, into usage: inout MeterUsage) {
        guard let limit, let length = meter.cycle?.fixedMicroseconds,
            let rate = GCRA(limit: limit.value, periodMicroseconds: length, burst: limit.effectiveBurst)
        else { return }
        let outcome = rate.decide(arrival: arrival, now: usage.instant, cells: 0)
        usage.used = outcome.used
        usage.wholeAt = outcome.newArrival > usage.instant ? outcome.newArrival : nil
    }
}
