/// `/_sandbox/webhooks` and `/_sandbox/trigger`: what tests do to deliveries that no client of Stripe could.
extension Account {
    /// The endpoints, what waits for them, and the last attempts, oldest first.
    func webhookDump() -> JSONValue {
        .object([
            "endpoints": .list(
                state.webhooks.endpoints.map { endpoint in
                    .object([
                        "id": .text(endpoint.id), "url": .text(endpoint.url),
                        "events": .list(endpoint.events.map { .text($0) }), "api_version": .text(endpoint.version),
                        "thin": .boolean(endpoint.isThin), "enabled": .boolean(endpoint.isEnabled),
                    ])
                }),
            "pending": .list(
                state.webhooks.deliveries.map { delivery in
                    .object([
                        "event": .text(delivery.event), "type": .text(delivery.type),
                        "endpoint": .text(delivery.endpoint), "attempts": .integer(delivery.attempts),
                        "due_at": .integer(delivery.dueAt),
                    ])
                }),
            "attempts": .list(recentAttempts), "dropped": .integer(state.webhooks.dropped),
            "held": .boolean(state.webhooks.isHeld), "copies": .integer(state.webhooks.copies),
            "signing_clock": .text(state.webhooks.signingClock.rawValue),
        ])
    }

    /// Creates an endpoint or a destination of thin events; the one of the same address and kind is replaced.
    func plantWebhook(_ body: JSONValue) throws(ControlError) -> JSONValue {
        let input = try ControlInput(body, allowing: ["url", "events", "api_version", "secret", "thin"])
        let url = try input.text("url")
        try WebhookEndpoint.check(url: url)
        let events = try input.list("events").compactMap(\.text)
        if input.members["events"] != nil { try WebhookEndpoint.check(events: events) }
        let name = try input.optionalText("api_version") ?? APIVersion.accountDefault.rawValue
        guard APIVersion(rawValue: name) != nil else { throw ControlError("the sandbox does not speak \(name)") }
        let isThin = input.members["thin"] == .boolean(true)
        let secret = try input.optionalText("secret") ?? WebhookEndpoint.Secret.random()
        let old = state.webhooks.endpoints.first { $0.url == url && $0.isThin == isThin }
        guard old != nil || state.webhooks.endpoints.count < WebhookEndpoint.maximumCount else {
            throw ControlError("there can be at most \(WebhookEndpoint.maximumCount) endpoints")
        }
        let endpoint = WebhookEndpoint(
            id: old?.id ?? RandomID.make(isThin ? "ed_test_" : "we_", length: 24), created: now, url: url,
            events: events.isEmpty ? ["*"] : events, version: name, isThin: isThin, secrets: [.init(text: secret)],
            isVersionGiven: input.members["api_version"] != nil)
        state.webhooks.store(endpoint)
        noteChange()
        return .object(["id": .text(endpoint.id), "secret": .text(secret)])
    }

    /// Gives an endpoint a new secret; the old one goes on signing for `overlap_seconds`.
    func rollSecret(_ body: JSONValue) throws(ControlError) -> JSONValue {
        let input = try ControlInput(body, allowing: ["id", "secret", "overlap_seconds"])
        let id = try input.text("id")
        guard var endpoint = state.webhooks.endpoint(id) else {
            throw ControlError("no such webhook endpoint: \(id)", status: 404)
        }
        let overlap = try input.integer(
            "overlap_seconds", default: WebhookEndpoint.longestOverlapSeconds,
            in: 0...WebhookEndpoint.longestOverlapSeconds)
        let secret = try input.optionalText("secret") ?? WebhookEndpoint.Secret.random()
        endpoint.secrets =
            [.init(text: secret)]
            + endpoint.secrets.map { .init(text: $0.text, expiresAt: $0.expiresAt ?? now + overlap) }
        endpoint.secrets.removeAll { $0.expiresAt.map { $0 <= now } ?? false }
        state.webhooks.store(endpoint)
        noteChange()
        return .object(["id": .text(id), "secret": .text(secret)])
    }

    /// Holds deliveries back, reorders them, doubles them, or sends an event once more.
    func setDeliveries(_ body: JSONValue) throws(ControlError) -> JSONValue {
        let input = try ControlInput(body, allowing: ["hold", "order", "copies", "signing_clock", "resend"])
        if let copies = try input.integer("copies", in: 1...10) { state.webhooks.copies = copies }
        if let order = try input.choice("order", WebhookTable.Order.self) { state.webhooks.reorder(order) }
        if let clock = try input.choice("signing_clock", WebhookTable.SigningClock.self) {
            state.webhooks.signingClock = clock
        }
        if let hold = input.members["hold"] {
            guard case .boolean(let isHeld) = hold else { throw ControlError("hold must be true or false") }
            state.webhooks.isHeld = isHeld
        }
        if let id = try input.optionalText("resend") {
            guard let event = state.events[id] else { throw ControlError("no such event: \(id)", status: 404) }
            for endpoint in state.webhooks.wanting(event.type) where event.data[endpoint.version] != nil {
                deliver(event, to: endpoint, pending: 1)
            }
        }
        noteChange()
        noteDelivery()
        return webhookDump()
    }

    /// Fires an event: of an object of the account as it is, or of one that is given whole.
    func trigger(_ body: JSONValue) throws(ControlError) -> JSONValue {
        let input = try ControlInput(body, allowing: ["type", "id", "object", "previous_attributes"])
        let type = try input.text("type")
        try WebhookEndpoint.check(events: [type])
        let given = input.members["object"]
        let id = try input.optionalText("id")
        guard (given == nil) != (id == nil) else { throw ControlError("give either id or object") }
        var body: (APIVersion) -> JSONValue = { _ in given ?? .null }
        if let id { body = try current(id) }
        let old = input.members["previous_attributes"]
        let event = publish(type) { version in
            ["object": body(version)].merging(old.map { ["previous_attributes": $0] } ?? [:]) { _, new in new }
        }
        return .object(["event": .text(event.id)])
    }

    /// An object of the account, by its id.
    private func current(_ id: String) throws(ControlError) -> (APIVersion) -> JSONValue {
        if let customer = state.customers[id] { return { _ in customer.body } }
        if let product = state.products[id] { return { _ in product.body } }
        if let price = state.prices[id] { return { price.body(in: $0) } }
        if let subscription = state.subscriptions[id] {
            return { [prices = state.prices] in subscription.body(in: $0, prices) }
        }
        if let invoice = state.invoices[id].map(current) {
            return { [prices = state.prices, customer = customer(of: invoice)] in invoice.body(in: $0, customer, prices)
            }
        }
        throw ControlError("nothing has the id \(id)", status: 404)
    }
}
