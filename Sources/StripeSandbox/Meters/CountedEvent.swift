/// A received event as far as it must be known to cancel it: where it counts, and with what.
struct CountedEvent: Sendable {
    let meter: String
    let customer: String
    let timestamp: Int
    let value: EventValue

    var key: UsageKey { UsageKey(meter: meter, customer: customer) }

    /// Where the event's bucket of a meter begins.
    func start(_ meter: Meter) -> Int { timestamp - timestamp % meter.bucketSeconds }
}

/// Whose usage of what.
struct UsageKey: Codable, Hashable, Sendable {
    let meter: String
    let customer: String
}
