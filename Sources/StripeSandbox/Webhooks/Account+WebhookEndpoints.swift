/// `/v1/webhook_endpoints` (docs.stripe.com/api/webhook_endpoints).
extension Account {
    private static let changeableOfEndpoint: [Parameter] = [
        .clearable("description", .text()), .optional("expand", .list(.text(), maximum: 20)),
        .clearable("metadata", .metadata),
    ]

    static let endpointCreateParameters: [Parameter] =
        changeableOfEndpoint + [
            .optional("api_version", .text()), .optional("connect", .unsupported),
            .required("enabled_events", .list(.text(), maximum: 300)), .required("url", .text()),
        ]

    static let endpointUpdateParameters: [Parameter] =
        changeableOfEndpoint + [
            .optional("disabled", .boolean), .optional("enabled_events", .list(.text(), maximum: 300)),
            .optional("url", .text()),
        ]

    /// The secret is told here, and never again.
    func createWebhookEndpoint(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let name = arguments.text("api_version")
        let version = name.map(APIVersion.init(rawValue:)) ?? .accountDefault
        guard let version else { throw .invalid("Invalid API version: \(name ?? "").", param: "api_version") }
        guard state.webhooks.endpoints.count < WebhookEndpoint.maximumCount else {
            throw .invalid("You have reached the maximum of \(WebhookEndpoint.maximumCount) test webhook endpoints.")
        }
        var endpoint = WebhookEndpoint(
            id: RandomID.make("we_", length: 24), created: now, url: "", events: [], version: version.rawValue,
            isThin: false, secrets: [.init(text: WebhookEndpoint.Secret.random())], isVersionGiven: name != nil)
        try apply(arguments, to: &endpoint)
        state.webhooks.store(endpoint)
        return body(of: endpoint, withSecret: true)
    }

    func retrieveWebhookEndpoint(_ id: String) throws(APIError) -> JSONValue { body(of: try endpoint(id)) }

    func updateWebhookEndpoint(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        var endpoint = try endpoint(id)
        try apply(arguments, to: &endpoint)
        state.webhooks.store(endpoint)
        return body(of: endpoint)
    }

    func deleteWebhookEndpoint(_ id: String) throws(APIError) -> JSONValue {
        state.webhooks.remove(try endpoint(id).id)
        return .object(["id": .text(id), "object": .text("webhook_endpoint"), "deleted": .boolean(true)])
    }

    func listWebhookEndpoints(_ arguments: Arguments) throws(APIError) -> JSONValue {
        try Page.cut(
            state.webhooks.endpoints.reversed().filter { !$0.isThin }, arguments, url: "/v1/webhook_endpoints",
            noun: "webhook endpoint", id: \.id, body: { body(of: $0) })
    }

    private func endpoint(_ id: String) throws(APIError) -> WebhookEndpoint {
        guard let endpoint = state.webhooks.endpoint(id), !endpoint.isThin else {
            throw .noSuch("webhook endpoint", id, param: "webhook_endpoint", status: 404)
        }
        return endpoint
    }

    private func apply(_ arguments: Arguments, to endpoint: inout WebhookEndpoint) throws(APIError) {
        if let url = arguments.text("url") {
            do throws(ControlError) {
                try WebhookEndpoint.check(url: url)
            } catch {
                throw .invalid("Invalid URL: \(error.message).", code: "url_invalid", param: "url")
            }
            endpoint.url = url
        }
        if let events = arguments["enabled_events"]?.list?.compactMap(\.text) {
            do throws(ControlError) {
                try WebhookEndpoint.check(events: events)
            } catch {
                throw .invalid("Invalid enabled_events: \(error.message).", param: "enabled_events")
            }
            endpoint.events = events
        }
        if let description = arguments["description"] { endpoint.description = description.text }
        if let disabled = arguments["disabled"] { endpoint.isEnabled = disabled != .boolean(true) }
        endpoint.metadata = try Metadata.merged(endpoint.metadata, arguments)
    }

    private func body(of endpoint: WebhookEndpoint, withSecret: Bool = false) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .text(endpoint.id), "object": .text("webhook_endpoint"),
            "api_version": endpoint.isVersionGiven ? .text(endpoint.version) : .null, "application": .null,
            "created": .integer(endpoint.created), "description": .optional(endpoint.description),
            "enabled_events": .list(endpoint.events.map { .text($0) }), "livemode": .boolean(false),
            "metadata": Metadata.body(endpoint.metadata),
            "status": .text(endpoint.isEnabled ? "enabled" : "disabled"), "url": .text(endpoint.url),
        ]
        if withSecret { members["secret"] = .optional(endpoint.secrets.first?.text) }
        return .object(members)
    }
}
