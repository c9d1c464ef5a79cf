/// A snapshot event: what changed, as the object was then.
struct Event: Codable, Sendable {
    let id: String
    let type: String
    let created: Int
    /// The request that caused it, and its idempotency key; nil for what happened by itself.
    let request: String?
    let idempotencyKey: String?
    /// The `data` member by API version: that of the account, and those of the endpoints the event goes to. It is made
    /// with the event and never made anew (docs.stripe.com/webhooks/versioning).
    let data: [String: JSONValue]

    static func newID() -> String { RandomID.make("evt_", length: 24) }

    /// The event as Stripe's `event` schema has it.
    func body(in version: APIVersion, pendingWebhooks: Int) -> JSONValue {
        .object([
            "id": .text(id), "object": .text("event"), "api_version": .text(version.rawValue),
            "created": .integer(created), "data": data[version.rawValue] ?? .object([:]),
            "livemode": .boolean(false), "pending_webhooks": .integer(pendingWebhooks),
            "request": .object(["id": .optional(request), "idempotency_key": .optional(idempotencyKey)]),
            "type": .text(type),
        ])
    }

    /// Whether a name, or a group with `*` at its end, means a type.
    static func isMeant(_ type: String, by pattern: String) -> Bool {
        pattern.last == "*" ? type.hasPrefix(pattern.dropLast()) : type == pattern
    }

    /// The old values of what differs: of an object its changed members only, of a list the whole; a member that was
    /// not there is null (docs.stripe.com/api/events/object, "previous_attributes").
    static func previous(_ old: JSONValue, _ new: JSONValue) -> JSONValue? {
        guard old != new else { return nil }
        guard case .object(let before) = old, case .object(let after) = new else { return old }
        var changed: [String: JSONValue] = [:]
        for name in Set(before.keys).union(after.keys) {
            changed[name] = previous(before[name] ?? .null, after[name] ?? .null)
        }
        return .object(changed)
    }
}
