import Metering
import RedisLink

/// Reads what a tenant has used of each meter of its plan, from Redis as it is now.
struct UsageReading {
    let store: RedisStore
    let catalogue: Catalogue

    /// A row a meter, in the catalogue's order.
    ///
    /// - Parameter now: Microseconds since the Unix epoch, by Redis's clock.
    func rows(
        of tenant: Tenant, entitlement: Entitlement, at now: Int64
    ) async throws(StoreError) -> [JSONValue] {
        let calendar = PeriodCalendar(catalogue.timeZone)
        var rows: [(meter: Meter, limit: Limit, period: Period?)] = []
        for meter in catalogue.meters {
            let cycle = meter.kind == .counter ? meter.cycle : nil
            let period = cycle.map { calendar.period(for: $0, at: now / 1_000_000, tenant: tenant) }
            guard let limit = entitlement.limit(for: meter.name, in: period) else { continue }
            rows.append((meter, limit, period))
        }
        let keys = store.keys
        let values = try await store.client.pipeline(
            rows.map { row in
                switch row.meter.kind {
                case .rate: ["GET", keys.rate(tenant.id, row.meter.name)]
                case .level, .concurrency: ["HGET", keys.level(tenant.id, row.meter.name), "used"]
                case .counter: ["HGET", keys.usage(tenant.id, row.meter.name, period: row.period?.start ?? 0), "used"]
                }
            })
        return zip(rows, values).map { row, value in
            let stored = Self.number(value)
            let used =
                row.meter.kind == .rate ? Self.cells(row.meter, row.limit, arrival: stored, now: now) : stored ?? 0
            return Self.view(row.meter, row.limit, row.period, used: used)
        }
    }

    /// The burst less the cells free now.
    private static func cells(_ meter: Meter, _ limit: Limit, arrival: Int64?, now: Int64) -> Int64 {
        guard let length = meter.cycle?.fixedMicroseconds,
            let rate = GCRA(limit: limit.value, periodMicroseconds: length, burst: limit.effectiveBurst)
        else { return 0 }
        return rate.decide(arrival: arrival, now: now, cells: 0).used
    }

    private static func view(_ meter: Meter, _ limit: Limit, _ period: Period?, used: Int64) -> JSONValue {
        let percent: JSONValue =
            limit.value > 0 ? .number((Double(used) / Double(limit.value) * 1000).rounded() / 10) : .null
        return .object([
            "meter": .string(meter.name), "kind": .string(meter.kind.rawValue),
            "per": .optional(meter.cycle?.rawValue), "unit": .optional(meter.unit), "used": .integer(used),
            "limit": .integer(limit.value), "granted": .integer(limit.granted), "mode": .string(limit.mode.rawValue),
            "cap": .optional(limit.cap),
            "burst": meter.kind == .rate ? .integer(limit.effectiveBurst) : .null, "percent": percent,
            "period_start": .optional(period.map { InstantText.text($0.start) }),
            "period_end": .optional(period.map { InstantText.text($0.end) }),
        ])
    }

    private static func number(_ value: RedisValue) -> Int64? {
        switch value {
        case .integer(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }
}
