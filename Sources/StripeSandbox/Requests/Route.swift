/// One method and path of Stripe's API, with its parameters as Stripe's contract has them.
struct Route: Sendable {
    let method: String
    /// The path with `{id}` where an object's id stands.
    let pattern: String
    let operation: Operation
    let parameters: [Parameter]
    /// The properties that `expand[]` may name.
    var expandable: Set<String> = []
    /// The one version that has it; nil when all have.
    var only: APIVersion?
    /// Which rate limit it is under.
    var family = RateLimits.Family.other
    /// Whether it reads the body itself, and is asked with a session token instead of a key.
    var readsBody = false

    /// How the route is named where requests are counted.
    var name: String { "\(method) \(pattern)" }

    static let expand = Parameter.optional("expand", .list(.text(), maximum: 20))
    private static let customer = "/v1/customers/{id}"
    private static let meter = "/v1/billing/meters/{id}"
    private static let customerLinks: Set = ["default_source", "test_clock"]

    static let all = basic + usage + billing

    private static let basic: [Route] = [
        Route(
            method: "POST", pattern: "/v1/customers", operation: .createCustomer, parameters: Customer.parameters,
            expandable: customerLinks),
        Route(
            method: "GET", pattern: "/v1/customers", operation: .listCustomers,
            parameters: Page.parameters + [
                expand, .optional("email", .text(maximum: 512)), .optional("created", .unsupported),
                .optional("test_clock", .unsupported),
            ], expandable: [Account.subscriptionsOfCustomers]),
        Route(
            method: "GET", pattern: customer, operation: .retrieveCustomer, parameters: [expand],
            expandable: customerLinks),
        Route(
            method: "POST", pattern: customer, operation: .updateCustomer, parameters: Customer.parameters,
            expandable: customerLinks),
        Route(method: "DELETE", pattern: customer, operation: .deleteCustomer, parameters: []),
        Route(method: "POST", pattern: "/v1/billing/meters", operation: .createMeter, parameters: Meter.parameters),
        Route(
            method: "GET", pattern: "/v1/billing/meters", operation: .listMeters,
            parameters: Page.parameters + [expand, .optional("status", .choice(["active", "inactive"]))]),
        Route(method: "GET", pattern: meter, operation: .retrieveMeter, parameters: [expand]),
        Route(
            method: "POST", pattern: meter, operation: .updateMeter,
            parameters: [expand, .optional("display_name", .text(maximum: 250))]),
        Route(method: "POST", pattern: "\(meter)/deactivate", operation: .deactivateMeter, parameters: [expand]),
        Route(method: "POST", pattern: "\(meter)/reactivate", operation: .reactivateMeter, parameters: [expand]),
    ]

    /// The routes without an id by name: most requests have one of these.
    private static let plain = Dictionary(
        all.filter { !$0.pattern.contains("{id}") }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    private static let withID = all.filter { $0.pattern.contains("{id}") }

    /// The route of a request, and the id in its path (empty when it has none).
    static func matching(_ request: APIRequest, _ version: APIVersion) -> (route: Route, id: String)? {
        if let route = plain["\(request.method) \(request.path)"] { return route.isIn(version) ? (route, "") : nil }
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        for route in withID where route.method == request.method && route.isIn(version) {
            if let id = id(in: parts, route.pattern) { return (route, id) }
        }
        return nil
    }

    private func isIn(_ version: APIVersion) -> Bool { only == nil || only == version }

    private static func id(in parts: [Substring], _ pattern: String) -> String? {
        let expected = pattern.split(separator: "/", omittingEmptySubsequences: false)
        guard expected.count == parts.count else { return nil }
        var id = ""
        for (part, segment) in zip(parts, expected) {
            if segment == "{id}", !part.isEmpty {
                id = String(part)
            } else if segment != part {
                return nil
            }
        }
        return id
    }

    /// - Throws: 400 when `expand[]` names what is no link to another object.
    func checkExpand(_ arguments: Arguments) throws(APIError) {
        for item in arguments["expand"]?.list ?? [] {
            guard let name = item.text, !expandable.contains(name) else { continue }
            throw .invalid("This property cannot be expanded (\(name)).", param: "expand").beforeExecution
        }
    }
}
