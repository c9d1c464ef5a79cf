/// The account's v2 events, oldest first.
struct CoreEvents: Codable, Sendable {
    /// Most events kept; then the oldest makes room.
    static let capacity = 10_000

    private(set) var all: [CoreEvent] = []

    subscript(id: String) -> CoreEvent? { all.last { $0.id == id } }

    mutating func store(_ event: CoreEvent) {
        if all.count >= Self.capacity { all.removeFirst(Self.capacity / 10) }
        all.append(event)
    }
}
