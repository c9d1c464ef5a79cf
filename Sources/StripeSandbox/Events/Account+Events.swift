/// `/v1/events`, and how events come to be.
extension Account {
    /// The parameters of `GET /v1/events`.
    static let eventListParameters: [Parameter] =
        Page.parameters + [
            .optional("expand", .list(.text(), maximum: 20)), .optional("type", .text()),
            .optional("types", .list(.text(), maximum: 20)),
        ] + Parameter.unsupported(["created", "delivery_success"])

    /// Tells of a change. One that changed nothing is not told.
    ///
    /// - Parameters:
    ///   - at: when it happened; now by default.
    ///   - before: the object as it was, for `previous_attributes`.
    ///   - after: the object as it is.
    func emit(
        _ type: String, at: Int? = nil, before: ((APIVersion) -> JSONValue)? = nil, after: (APIVersion) -> JSONValue
    ) {
        if let before, before(.accountDefault) == after(.accountDefault) { return }
        publish(type, at: at) { version in
            let object = after(version)
            guard let before else { return ["object": object] }
            return ["object": object, "previous_attributes": Event.previous(before(version), object) ?? .object([:])]
        }
    }

    /// Keeps an event, and gives it to the webhook endpoints that want it, each in its version.
    ///
    /// - Parameter data: the members of the event's `data` in a version.
    @discardableResult
    func publish(_ type: String, at: Int? = nil, data: (APIVersion) -> [String: JSONValue]) -> Event {
        let endpoints = state.webhooks.wanting(type)
        let versions = Set(endpoints.map(\.apiVersion) + [.accountDefault])
        let data = versions.map { ($0.rawValue, JSONValue.object(data($0))) }
        let event = Event(
            id: Event.newID(), type: type, created: at ?? now, request: origin?.request,
            idempotencyKey: origin?.idempotencyKey, data: Dictionary(uniqueKeysWithValues: data))
        state.events.append(event, now: now)
        for endpoint in endpoints { deliver(event, to: endpoint, pending: endpoints.count) }
        return event
    }

    func deliver(_ event: Event, to endpoint: WebhookEndpoint, pending: Int) {
        let body = event.body(in: endpoint.apiVersion, pendingWebhooks: pending)
        queue(event.id, type: event.type, body: body, to: endpoint)
    }

    func retrieveEvent(_ id: String) throws(APIError) -> JSONValue {
        guard let event = state.events[id] else { throw .noSuch("event", id, param: "id", status: 404) }
        return body(of: event)
    }

    func listEvents(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let types = arguments["types"]?.list?.compactMap(\.text)
        let type = arguments.text("type")
        if types != nil, type != nil {
            throw .invalid("You may only specify one of these parameters: type, types.", param: "type")
        }
        let patterns = types ?? type.map { [$0] }
        return try Page.cut(
            state.events.newestFirst, arguments, url: "/v1/events", noun: "event", id: \.id,
            isIncluded: { event in patterns?.contains { Event.isMeant(event.type, by: $0) } ?? true },
            body: { body(of: $0) })
    }

    /// An event read back is in the account's version, whatever the request's
    /// (docs.stripe.com/api/events/object, "api_version").
    private func body(of event: Event) -> JSONValue {
        event.body(in: .accountDefault, pendingWebhooks: state.webhooks.pending { $0.event == event.id })
    }
}
