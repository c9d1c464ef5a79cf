import FoundationEssentials

/// What one customer used of one meter in one bucket of time.
struct UsageRow: Codable, Sendable {
    var total: Decimal
    /// Events that count: all of them, or only the newest of a window.
    var count: Int
    /// The value of the event with the latest timestamp, and that timestamp.
    var last: Decimal
    var lastTimestamp: Int
    /// Events received, replaced ones included.
    var received: Int
    var lastIdentifier: String

    init(_ event: MeterEvent, value: Decimal, received: Int) {
        total = value
        count = 1
        last = value
        lastTimestamp = event.timestamp
        self.received = received
        lastIdentifier = event.identifier
    }

    mutating func add(_ event: MeterEvent, value: Decimal) {
        total += value
        count += 1
        received += 1
        if event.timestamp >= lastTimestamp {
            last = value
            lastTimestamp = event.timestamp
        }
        lastIdentifier = event.identifier
    }

    /// The value of some rows together. They may come in any order; there is at least one.
    static func aggregate(_ rows: [UsageRow], _ formula: Meter.Formula) -> Decimal {
        switch formula {
        case .sum: rows.reduce(0) { $0 + $1.total }
        case .count: Decimal(rows.reduce(0) { $0 + $1.count })
        case .last: rows.max { $0.lastTimestamp < $1.lastTimestamp }?.last ?? 0
        }
    }
}
