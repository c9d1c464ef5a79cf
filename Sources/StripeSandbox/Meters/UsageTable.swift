import FoundationEssentials

/// The usage received, by meter id, customer id and start of the bucket (seconds since 1970, a multiple of the meter's
/// bucket length).
struct UsageTable: Codable, Sendable {
    typealias Buckets = [Int: UsageRow]

    private(set) var rows: [String: [String: Buckets]] = [:]

    /// Takes an event in: a window meter's newest event replaces what the window had, any other adds to its minute.
    mutating func receive(_ event: MeterEvent, value: Decimal, meter: Meter, customer: String) {
        let start = event.timestamp - event.timestamp % meter.bucketSeconds
        let old = rows[meter.id]?[customer]?[start]
        var row = UsageRow(event, value: value, received: (old?.received ?? 0) + 1)
        if meter.window == nil, var sum = old {
            sum.add(event, value: value)
            row = sum
        }
        rows[meter.id, default: [:]][customer, default: [:]][start] = row
    }

    /// The buckets that begin in `range`.
    func buckets(meter: String, customer: String, in range: Range<Int>) -> Buckets {
        (rows[meter]?[customer] ?? [:]).filter { range.contains($0.key) }
    }
}
