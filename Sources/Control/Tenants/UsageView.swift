import Metering

/// How a meter stands, as the API shows it.
enum UsageView {
    /// A gigabyte as the catalogue's `10GiB` has it.
    private static let gigabyte = Double(1 << 30)

    static func row(_ row: UsageReading.Row) -> JSONValue { .object(fields(row)) }

    static func fields(_ row: UsageReading.Row) -> [String: JSONValue] {
        let (meter, usage, limit) = (row.meter, row.usage, row.limit)
        let percent: JSONValue =
            usage.limit > 0 ? .number((Double(usage.used) / Double(usage.limit) * 1000).rounded() / 10) : .null
        return [
            "meter": .string(meter.name), "kind": .string(meter.kind.rawValue),
            "per": .optional(meter.cycle?.rawValue), "unit": .optional(meter.unit), "used": .integer(usage.used),
            "limit": .integer(usage.limit), "granted": .integer(limit?.granted ?? 0),
            "mode": .string((limit?.mode ?? .hard).rawValue), "cap": .optional(limit?.cap),
            "burst": meter.kind == .rate ? .optional(limit?.effectiveBurst) : .null, "percent": percent,
            "reserved": .integer(usage.reserved), "overage": .integer(usage.overage),
            "projected": .optional(usage.projected), "resets_at": instant(usage.resetsAt),
            "period_start": instant(usage.period?.start), "period_end": instant(usage.period?.end),
            "cost": cost(meter.cost, usage.used), "gigabytes": gigabytes(meter, usage, percent),
        ]
    }

    /// What it is shown to cost: whole minor units of the currency, with the price they come from.
    private static func cost(_ cost: TokenCost?, _ used: Int64) -> JSONValue {
        guard let cost else { return .null }
        return .object([
            "amount": .integer(cost.cost(of: used)), "currency": .string(cost.currency), "per": .integer(cost.per),
            "price": .integer(cost.amount),
        ])
    }

    /// Bytes as people read them, of 2^30 each with two decimals.
    private static func gigabytes(_ meter: Meter, _ usage: MeterUsage, _ percent: JSONValue) -> JSONValue {
        guard meter.unit == "bytes" else { return .null }
        func rounded(_ bytes: Int64) -> JSONValue { .number((Double(bytes) / gigabyte * 100).rounded() / 100) }
        return .object([
            "used": rounded(usage.used), "limit": usage.limit < 0 ? .integer(Amount.unlimited) : rounded(usage.limit),
            "percent": percent,
        ])
    }

    static func instant(_ second: Int64?) -> JSONValue { .optional(second.map { InstantText.text($0) }) }

    /// Of microseconds.
    static func instant(microseconds: Int64?) -> JSONValue { instant(microseconds.map { $0 / 1_000_000 }) }
}
