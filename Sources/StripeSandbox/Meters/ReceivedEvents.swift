/// The meter events of the last 24 hours by their identifiers, which are unique for that long, and may be cancelled
/// for that long (docs.stripe.com/api/billing/meter-event, …/meter-event-adjustment).
struct ReceivedEvents: Codable, Sendable {
    /// Most events remembered; then the oldest makes room.
    static let capacity = 2_000_000

    /// One event: what it was called, and where it counts, if it does.
    struct Event: Sendable {
        let name: String
        /// Nil when validation refused the event later, or it was cancelled.
        var counted: CountedEvent?
        var isCancelled = false
    }

    private var events = ExpiringMap<EventIdentifier, Event>(lifetimeSeconds: 86_400, capacity: Self.capacity)

    func event(_ identifier: EventIdentifier, now: Int) -> Event? { events.value(for: identifier, now: now) }

    mutating func insert(_ event: Event, for identifier: EventIdentifier, now: Int) {
        events.insert(event, for: identifier, now: now)
    }

    /// Marks an event as one that counts no more; it keeps its identifier for the rest of the 24 hours.
    mutating func cancel(_ identifier: EventIdentifier) {
        events.update(identifier) { event in
            event.counted = nil
            event.isCancelled = true
        }
    }

    /// The events that count in a bucket, in the order they came. Goes through all: only cancellations ask.
    func counted(_ key: UsageKey, start: Int, meter: Meter) -> [(identifier: EventIdentifier, event: CountedEvent)] {
        events.inOrder.compactMap { identifier, event in
            guard let counted = event.counted, counted.meter == key.meter, counted.customer == key.customer,
                counted.start(meter) == start
            else { return nil }
            return (identifier, counted)
        }
    }
}

/// One line of text in the state file, as usage rows are.
extension ReceivedEvents.Event: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let parts = try container.decode(String.self).split(
            separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a received event")
        }
        name = String(parts[5])
        isCancelled = parts[0] == "cancelled"
        if let timestamp = Int(parts[3]), let value = EventValue(parts[4]) {
            counted = CountedEvent(
                meter: String(parts[1]), customer: String(parts[2]), timestamp: timestamp, value: value)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let place = counted.map { "\($0.meter) \($0.customer) \($0.timestamp) \($0.value.description)" } ?? "- - - -"
        try container.encode("\(isCancelled ? "cancelled" : "received") \(place) \(name)")
    }
}
