/// Events that wait to be applied, in the order in which they came. Those of one object go one after the other; what
/// one object's wait for holds up no other. A value with a bound; time is milliseconds since the Unix epoch.
public struct WebhookLine<Event: Sendable>: Sendable {
    private struct Waiting {
        let object: String
        var event: Event
        var notBefore: Int64
        var isUnderWay = false
    }

    private let capacity: Int
    private var waiting: [String: Waiting] = [:]
    private var order: [String] = []

    /// At most `capacity` stand in it.
    public init(capacity: Int) {
        precondition(capacity > 0, "capacity must be above 0")
        self.capacity = capacity
    }

    /// Whether another event may come in.
    public var hasRoom: Bool { order.count < capacity }
    /// How many stand in it.
    public var count: Int { order.count }

    /// Takes the event that came next, by its place; one that is known is left out.
    public mutating func add(_ event: Event, place: String, object: String, notBefore: Int64) {
        guard hasRoom, waiting[place] == nil else { return }
        waiting[place] = Waiting(object: object, event: event, notBefore: notBefore)
        order.append(place)
    }

    /// The next event to apply, if there is one: the first of those whose object has no earlier one.
    public mutating func next(now: Int64) -> Event? {
        var busy: Set<String> = []
        for place in order {
            guard let one = waiting[place], busy.insert(one.object).inserted, !one.isUnderWay, one.notBefore <= now
            else { continue }
            waiting[place]?.isUnderWay = true
            return one.event
        }
        return nil
    }

    /// An event is tried again no sooner than `at`; `change` notes in it what happened.
    public mutating func postpone(place: String, until at: Int64, _ change: (inout Event) -> Void = { _ in }) {
        guard var one = waiting[place] else { return }
        one.isUnderWay = false
        one.notBefore = at
        change(&one.event)
        waiting[place] = one
    }

    /// An event is done with.
    public mutating func remove(place: String) {
        guard waiting.removeValue(forKey: place) != nil else { return }
        order.removeAll { $0 == place }
    }

    /// Forgets everything: somebody else applies events.
    public mutating func removeAll() {
        waiting = [:]
        order = []
    }
}
