/// Remembers values by key for a lifetime, at most so many; when full, the oldest makes room. Holds what Stripe keeps
/// for "at least 24 hours": idempotency keys and meter event identifiers.
struct ExpiringMap<Value: Codable & Sendable>: Codable, Sendable {
    private struct Entry: Codable, Sendable {
        let value: Value
        let at: Int
    }

    private var entries: [String: Entry] = [:]
    /// Keys in the order they came; those before `head` are gone already.
    private var order: [String] = []
    private var head = 0
    private let lifetimeSeconds: Int
    private let capacity: Int

    init(lifetimeSeconds: Int, capacity: Int) {
        self.lifetimeSeconds = lifetimeSeconds
        self.capacity = capacity
    }

    /// The value, unless its lifetime has passed.
    func value(for key: String, now: Int) -> Value? {
        guard let entry = entries[key], now - entry.at < lifetimeSeconds else { return nil }
        return entry.value
    }

    /// Remembers a value and forgets what has expired. Constant time on average.
    mutating func insert(_ value: Value, for key: String, now: Int) {
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
}
