/// The endpoints, and what is on its way to them.
struct WebhookTable: Codable, Sendable {
    /// The most deliveries that wait; the oldest makes room.
    static let capacity = 10_000

    private(set) var endpoints: [WebhookEndpoint] = []
    private(set) var deliveries: [WebhookDelivery] = []
    private var lastNumber = 0
    /// Deliveries that made room for others.
    private(set) var dropped = 0
    /// While set, nothing is posted.
    var isHeld = false
    /// Whose time the signatures tell. A receiver refuses what is signed minutes away from its own clock, so one that
    /// runs on the machine's needs that once the sandbox clock was moved.
    var signingClock = SigningClock.sandbox
    /// How often each event is queued; above 1 for tests of duplicates.
    var copies = 1

    func wanting(_ type: String, isThin: Bool = false) -> [WebhookEndpoint] {
        endpoints.filter { $0.wants(type, isThin: isThin) }
    }

    func endpoint(_ id: String) -> WebhookEndpoint? { endpoints.first { $0.id == id } }

    func pending(_ isMeant: (WebhookDelivery) -> Bool) -> Int { deliveries.count(where: isMeant) }

    mutating func store(_ endpoint: WebhookEndpoint) {
        if let index = endpoints.firstIndex(where: { $0.id == endpoint.id }) {
            endpoints[index] = endpoint
        } else {
            endpoints.append(endpoint)
        }
        // "Disabled" endpoints get nothing, not even later (docs.stripe.com/webhooks).
        if !endpoint.isEnabled { deliveries.removeAll { $0.endpoint == endpoint.id } }
    }

    mutating func remove(_ id: String) {
        endpoints.removeAll { $0.id == id }
        deliveries.removeAll { $0.endpoint == id }
    }

    mutating func queue(_ event: String, type: String, body: String, to endpoint: String, dueAt: Int) {
        for _ in 0..<copies {
            if deliveries.count >= Self.capacity {
                deliveries.removeFirst()
                dropped += 1
            }
            lastNumber += 1
            deliveries.append(
                WebhookDelivery(
                    number: lastNumber, endpoint: endpoint, event: event, type: type, body: body, dueAt: dueAt))
        }
    }

    /// The first due delivery of each endpoint that has none under way.
    func due(at now: Int, busy: Set<String>) -> [WebhookDelivery] {
        guard !isHeld else { return [] }
        var taken = busy
        return deliveries.filter { $0.dueAt <= now && taken.insert($0.endpoint).inserted }
    }

    func delivery(_ number: Int) -> WebhookDelivery? { deliveries.first { $0.number == number } }

    mutating func update(_ delivery: WebhookDelivery) {
        guard let index = deliveries.firstIndex(where: { $0.number == delivery.number }) else { return }
        deliveries[index] = delivery
    }

    mutating func drop(_ number: Int) { deliveries.removeAll { $0.number == number } }

    /// Puts what waits into another order.
    mutating func reorder(_ order: Order) {
        switch order {
        case .reversed: deliveries.reverse()
        case .shuffled: deliveries.shuffle()
        }
    }

    enum SigningClock: String, CaseIterable, Codable {
        case sandbox, machine
    }

    enum Order: String, CaseIterable {
        case reversed, shuffled
    }
}
