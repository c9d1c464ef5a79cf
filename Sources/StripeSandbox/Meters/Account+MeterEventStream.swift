/// `/v2/billing/meter_event_session` and `/v2/billing/meter_event_stream`: many events a request. At Stripe the stream
/// has a host of its own; here it is one more path.
extension Account {
    /// Most events a request may hold (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    static let maximumStreamed = 100

    func createMeterEventSession() -> JSONValue {
        let session = MeterEventSession(now: now)
        state.sessions.insert(session, for: session.token, now: now)
        return session.body
    }

    /// The stream's own authentication: the token of a session instead of a key.
    ///
    /// - Throws: 401; for a token that has run out the one that tells a client to get another.
    func checkSession(_ request: APIRequest) throws(APIError) {
        guard let token = request.header("authorization")?.split(separator: " ").last,
            let session = state.sessions.value(for: String(token), now: now)
        else {
            throw .unauthenticated("The stream takes the authentication token of a meter event session.")
        }
        guard now < session.expires else { throw .sessionExpired }
    }

    /// - Throws: 400 when the body is not of the stream's shape. What its events say is validated later.
    func streamMeterEvents(_ body: [UInt8]) throws(APIError) -> JSONValue {
        guard let members = JSONText.read(body)?.object else {
            throw .invalid("The request body must be a JSON object.").beforeExecution
        }
        guard let items = members["events"]?.list else { throw .missing("events") }
        if let unknown = members.keys.first(where: { $0 != "events" }) { throw Self.unknown(unknown) }
        guard (1...Self.maximumStreamed).contains(items.count) else {
            throw .invalid("events must hold 1 to \(Self.maximumStreamed) events.", param: "events").beforeExecution
        }
        var events: [MeterEvent] = []
        events.reserveCapacity(items.count)
        for (index, item) in items.enumerated() { events.append(try streamed(item, "events[\(index)]")) }
        for event in events { receiveStreamed(event) }
        return .object([:])
    }

    private func streamed(_ item: JSONValue, _ name: String) throws(APIError) -> MeterEvent {
        guard let members = item.object else { throw Self.wrong(name, "an object") }
        var payload: [String: String] = [:]
        for (key, value) in members {
            switch key {
            case "event_name", "identifier", "timestamp":
                guard let text = value.text, !text.isEmpty else { throw Self.wrong("\(name)[\(key)]", "a string") }
            case "payload":
                guard let object = value.object else { throw Self.wrong("\(name)[payload]", "an object of strings") }
                payload = object.compactMapValues(\.text)
                guard payload.count == object.count else {
                    throw Self.wrong("\(name)[payload]", "an object of strings")
                }
            default:
                throw Self.unknown("\(name)[\(key)]")
            }
        }
        guard let eventName = members["event_name"]?.text else { throw .missing("\(name)[event_name]") }
        guard members["payload"] != nil else { throw .missing("\(name)[payload]") }
        let text = members["timestamp"]?.text
        let timestamp = text.flatMap(RFC3339.seconds)
        guard text == nil || timestamp != nil else { throw Self.wrong("\(name)[timestamp]", "an RFC 3339 time") }
        return MeterEvent(
            eventName: eventName, payload: payload, identifier: members["identifier"]?.text, timestamp: timestamp,
            now: now)
    }

    private static func wrong(_ name: String, _ kind: String) -> APIError {
        .invalid("Invalid \(name): it must be \(kind).", param: name).beforeExecution
    }

    private static func unknown(_ name: String) -> APIError {
        .invalid("Received unknown parameter: \(name)", code: "parameter_unknown", param: name).beforeExecution
    }
}
