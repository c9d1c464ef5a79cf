/// What is on its way to webhook endpoints.
extension Account {
    /// How many attempts the control dump tells.
    private static let keptAttempts = 200

    func queue(_ event: String, type: String, body: JSONValue, to endpoint: WebhookEndpoint) {
        state.webhooks.queue(
            event, type: type, body: String(decoding: body.bytes, as: UTF8.self), to: endpoint.id, dueAt: now)
        noteChange()
        noteDelivery()
    }

    /// Gives a thin event to the destinations that want it. Thin events have no version, and no `data`
    /// (docs.stripe.com/event-destinations#thin-events).
    func deliverThin(_ event: String, type: String, body: JSONValue) {
        for endpoint in state.webhooks.wanting(type, isThin: true) {
            queue(event, type: type, body: body, to: endpoint)
        }
    }

    /// What is to be posted now, at most one delivery an endpoint. Each must be answered with `finish`.
    func takeDeliveries() -> [WebhookPost] {
        settle()
        return state.webhooks.due(at: now, busy: Set(deliveriesUnderWay.values)).compactMap { delivery in
            guard let endpoint = state.webhooks.endpoint(delivery.endpoint) else { return nil }
            deliveriesUnderWay[delivery.number] = delivery.endpoint
            let secrets = endpoint.secrets.filter { $0.expiresAt.map { $0 > now } ?? true }.map(\.text)
            let body = Array(delivery.body.utf8)
            let signedAt = state.webhooks.signingClock == .machine ? Int(clock.machineSeconds()) : now
            // "A new signature and timestamp for each attempt" (docs.stripe.com/webhooks).
            return WebhookPost(
                number: delivery.number, url: endpoint.url, body: body,
                signature: WebhookSignature.header(body, secrets: secrets, at: signedAt))
        }
    }

    /// What became of an attempt: done, or due again later, or given up after three days.
    func finish(_ number: Int, _ attempt: WebhookAttempt) {
        deliveriesUnderWay[number] = nil
        noteDelivery()
        guard var delivery = state.webhooks.delivery(number) else { return }
        delivery.attempts += 1
        if recentAttempts.count >= Self.keptAttempts { recentAttempts.removeFirst() }
        recentAttempts.append(
            .object([
                "event": .text(delivery.event), "type": .text(delivery.type), "endpoint": .text(delivery.endpoint),
                "attempt": .integer(delivery.attempts), "at": .integer(now), "status": .optional(attempt.status),
                "error": .optional(attempt.error),
            ]))
        let created = delivery.firstAt ?? now
        delivery.firstAt = created
        delivery.dueAt = now + delivery.nextWait
        if attempt.isSuccess || delivery.dueAt - created > WebhookDelivery.lifetimeSeconds {
            state.webhooks.drop(number)
        } else {
            state.webhooks.update(delivery)
        }
        noteChange()
    }
}
