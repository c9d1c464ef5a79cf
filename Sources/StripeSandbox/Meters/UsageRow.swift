import FoundationEssentials

/// What one customer used of one meter in one bucket of time: numbers of fixed size only.
struct UsageRow: Sendable {
    /// Where the bucket begins, seconds since 1970.
    let start: Int
    var total: EventValue
    /// Events that count: all of them, or only the newest of a window.
    var count: Int32
    /// Events received, replaced and cancelled ones included.
    var received: Int32
    /// The value of the event with the latest timestamp, and that timestamp.
    var last: EventValue
    var lastTimestamp: Int
    /// The event received last.
    var lastIdentifier: EventIdentifier

    init(start: Int, _ event: CountedEvent, _ identifier: EventIdentifier, received: Int32) {
        self.start = start
        total = event.value
        count = 1
        last = event.value
        lastTimestamp = event.timestamp
        self.received = received
        lastIdentifier = identifier
    }

    mutating func add(_ event: CountedEvent, _ identifier: EventIdentifier) {
        total += event.value
        count += 1
        received += 1
        if event.timestamp >= lastTimestamp {
            last = event.value
            lastTimestamp = event.timestamp
        }
        lastIdentifier = identifier
    }

    /// The value of some rows together. They may come in any order; there is at least one.
    static func aggregate(_ rows: [UsageRow], _ formula: Meter.Formula) -> Decimal {
        switch formula {
        case .sum:
            var sum = EventValue.zero
            for row in rows { sum += row.total }
            return sum.decimal
        case .count: return Decimal(rows.reduce(0) { $0 + Int($1.count) })
        case .last: return rows.filter { $0.count > 0 }.max { $0.lastTimestamp < $1.lastTimestamp }?.last.decimal ?? 0
        }
    }
}

/// In the state file a row is one line of text: a million of them must be written in seconds.
extension UsageRow: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let parts = try container.decode(String.self).split(separator: " ", maxSplits: 6)
        guard parts.count == 7, let start = Int(parts[0]), let total = EventValue(parts[1]),
            let count = Int32(parts[2]),
            let received = Int32(parts[3]), let last = EventValue(parts[4]), let lastTimestamp = Int(parts[5])
        else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a row of usage") }
        self.start = start
        self.total = total
        self.count = count
        self.received = received
        self.last = last
        self.lastTimestamp = lastTimestamp
        lastIdentifier = EventIdentifier(String(parts[6]))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let numbers = "\(start) \(total.description) \(count) \(received) \(last.description) \(lastTimestamp)"
        try container.encode("\(numbers) \(lastIdentifier.text)")
    }
}
