/// The latest snapshot events, oldest first.
struct EventTable: Codable, Sendable {
    /// The most that are kept; the oldest makes room.
    static let capacity = 2_000
    /// Stripe's own history goes back 30 days (docs.stripe.com/api/events).
    static let lifetimeSeconds = 30 * 86_400

    private var events: [Event] = []

    var newestFirst: [Event] { events.reversed() }

    subscript(id: String) -> Event? { events.last { $0.id == id } }

    mutating func append(_ event: Event, now: Int) {
        events.append(event)
        let excess = max(0, events.count - Self.capacity)
        let old = events.prefix { now - $0.created >= Self.lifetimeSeconds }.count
        // Some at once, so that most events cost nothing.
        if excess > Self.capacity / 10 || old > 0 { events.removeFirst(max(excess, old)) }
    }
}
