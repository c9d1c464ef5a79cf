/// Remembers values by key for a lifetime, at most so many; when full, the oldest makes room. Holds what Stripe keeps
/// for "at least 24 hours": idempotency keys and meter event identifiers.
struct ExpiringMap<Key: Codable & Hashable & Sendable, Value: Codable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        let at: Int
    }

    private var entries: [Key: Entry] = [:]
    /// Keys in the order they came; those before `head` are gone already.
    private var order: [Key] = []
    private var head = 0
    private let lifetimeSeconds: Int
    private let capacity: Int

    init(lifetimeSeconds: Int, capacity: Int) {
        self.lifetimeSeconds = lifetimeSeconds
        self.capacity = capacity
    }

    /// What is remembered, expired or not, in the order it came.
    var inOrder: some Sequence<(Key, Value)> {
        order[head...].lazy.compactMap { key in entries[key].map { (key, $0.value) } }
    }

    /// The value, unless its lifetime has passed.
    func value(for key: Key, now: Int) -> Value? {
        guard let entry = entries[key], now - entry.at < lifetimeSeconds else { return nil }
        return entry.value
    }

    /// Remembers a value and forgets what has expired. Constant time on average.
    mutating func insert(_ value: Value, for key: Key, now: Int) {
        while head < order.count {
            let oldest = order[head]
            let isExpired = entries[oldest].map { now - $0.at >= lifetimeSeconds } ?? true
            guard isExpired || entries.count >= capacity else { break }
            entries[oldest] = nil
            head += 1
        }
        if head > 1_024, head > order.count / 2 {
            order.removeFirst(head)
            head = 0
        }
        if entries.updateValue(Entry(value: value, at: now), forKey: key) == nil { order.append(key) }
    }

    /// Changes a value; its lifetime stays as it was.
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        guard var entry = entries[key] else { return }
        change(&entry.value)
        entries[key] = entry
    }
}

/// In the state file it is three lists, so that a million entries are written in seconds.
extension ExpiringMap: Codable {
    private enum CodingKeys: CodingKey {
        case keys, times, values, lifetimeSeconds, capacity
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lifetimeSeconds = try container.decode(Int.self, forKey: .lifetimeSeconds)
        capacity = try container.decode(Int.self, forKey: .capacity)
        let keys = try container.decode([Key].self, forKey: .keys)
        let times = try container.decode([Int].self, forKey: .times)
        let values = try container.decode([Value].self, forKey: .values)
        guard keys.count == times.count, keys.count == values.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .keys, in: container, debugDescription: "keys, times and values differ in number")
        }
        for (key, (time, value)) in zip(keys, zip(times, values)) {
            if entries.updateValue(Entry(value: value, at: time), forKey: key) == nil { order.append(key) }
        }
    }

    func encode(to encoder: any Encoder) throws {
        let kept = order[head...].compactMap { key in entries[key].map { (key: key, entry: $0) } }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lifetimeSeconds, forKey: .lifetimeSeconds)
        try container.encode(capacity, forKey: .capacity)
        try container.encode(kept.map(\.key), forKey: .keys)
        try container.encode(kept.map(\.entry.at), forKey: .times)
        try container.encode(kept.map(\.entry.value), forKey: .values)
    }
}
