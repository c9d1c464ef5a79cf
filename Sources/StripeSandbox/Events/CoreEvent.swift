/// An event of the v2 API. A webhook gets it thin, without its data, which `GET /v2/core/events/{id}` then tells
/// (docs.stripe.com/event-destinations#thin-events).
struct CoreEvent: Codable, Sendable {
    let id: String
    let type: String
    let created: Int
    /// The meter the event is about; nil when it is about none.
    let meter: String?
    let data: JSONValue

    init(type: String, created: Int, meter: String?, data: JSONValue) {
        id = RandomID.make("evt_test_", length: 40)
        self.type = type
        self.created = created
        self.meter = meter
        self.data = data
    }

    /// What a webhook endpoint is sent.
    var thinBody: JSONValue { .object(members) }

    /// What `GET /v2/core/events/{id}` answers.
    var body: JSONValue { .object(members.merging(["data": data]) { $1 }) }

    private var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .text(id),
            "object": .text("v2.core.event"),
            "type": .text(type),
            "created": .text(RFC3339.text(created)),
            "livemode": .boolean(false),
            "context": .null,
            "reason": .null,
        ]
        if let meter {
            members["related_object"] = .object([
                "id": .text(meter), "type": .text("billing.meter"), "url": .text("/v1/billing/meters/\(meter)"),
            ])
        }
        return members
    }
}
