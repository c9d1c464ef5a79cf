/// What was asked lately, for tests: how often each route, and the last requests with their headers.
struct RequestLog: Sendable {
    /// How many requests are kept whole.
    static let capacity = 200
    /// Parameters are kept of bodies up to this size, in bytes.
    static let largestKeptBody = 8_192

    private var counts: [String: Int] = [:]
    private var recent: [JSONValue] = []

    /// - Parameter status: What was answered; nil when the connection was cut instead.
    mutating func record(
        _ request: APIRequest, route: Route?, form: [String: FormValue], status: Int?, replayed: Bool, at now: Int
    ) {
        counts[route?.name ?? "other", default: 0] += 1
        if recent.count >= Self.capacity { recent.removeFirst(recent.count - Self.capacity + 1) }
        let isKept = request.body.count <= Self.largestKeptBody
        let pairs = isKept ? FormValue.map(form).pairs().map { ($0.name, JSONValue.text($0.text)) } : []
        var headers = request.headers.mapValues { JSONValue.text($0) }
        // Enough to tell keys apart, not enough to use one.
        if let key = request.header("authorization") { headers["authorization"] = .text("\(key.prefix(15))…") }
        recent.append(
            .object([
                "at": .integer(now),
                "method": .text(request.method),
                "path": .text(request.path),
                "status": .optional(status),
                "replayed": .boolean(replayed),
                "headers": .object(headers),
                "parameters": .object(Dictionary(pairs) { _, last in last }),
            ]))
    }

    var requestCounts: JSONValue { .object(counts.mapValues { .integer($0) }) }

    /// The last requests, oldest first.
    var recentRequests: JSONValue { .list(recent) }
}
