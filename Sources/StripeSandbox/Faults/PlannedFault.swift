/// A fault that waits for requests of a path.
struct PlannedFault: Sendable {
    /// A request's path, a route's with `{id}` in it, or `*` for all.
    let path: String
    /// Text that a request's body or query must hold for the fault to strike it; empty strikes any.
    let match: String
    let fault: Fault
    /// How many requests it still strikes.
    private(set) var count: Int
    /// How many requests it still lets pass first.
    private(set) var after: Int
    /// Of how many requests it strikes one.
    let every: Int
    /// Requests since it last struck.
    private var passed = 0

    /// Most faults waiting at once.
    static let maximumWaiting = 1_000

    /// - Throws: What is wrong with the JSON, by key.
    init(_ json: JSONValue) throws(ControlError) {
        let input = try ControlInput(
            json, allowing: ["path", "kind", "match", "count", "delay_ms", "after", "every", "reason", "should_retry"])
        path = try input.text("path")
        guard path == "*" || path.hasPrefix("/v1/") || path.hasPrefix("/v2/") else {
            throw ControlError("path must be * or begin with /v1/ or /v2/")
        }
        match = try input.optionalText("match") ?? ""
        let kind = try Fault.kind(try input.text("kind"))
        let name = try input.optionalText("reason")
        let reason = name.map { RateLimitReason(rawValue: $0) } ?? .globalRate
        guard let reason, name == nil || kind == .rateLimit else {
            let reasons = RateLimitReason.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError("reason is for the kind rate_limit and must be one of \(reasons)")
        }
        fault = Fault(
            kind: kind, reason: reason,
            delayMilliseconds: try input.integer("delay_ms", default: 0, in: 0...Fault.maximumDelay),
            shouldRetry: try input.boolean("should_retry"))
        count = try input.integer("count", default: 1, in: 1...1_000_000)
        after = try input.integer("after", default: 0, in: 0...1_000_000)
        every = try input.integer("every", default: 1, in: 1...1_000_000)
    }

    /// Whether this is one of its requests; its route has the pattern.
    func meets(_ request: APIRequest, pattern: String) -> Bool {
        guard path == "*" || path == request.path || path == pattern else { return false }
        return match.isEmpty || request.body.contains(match.utf8) || request.query.utf8.contains(match.utf8)
    }

    var isSpent: Bool { count == 0 }

    /// Meets one of its requests: lets it pass, or strikes it and is used up by one.
    mutating func pass() -> Fault? {
        if after > 0 {
            after -= 1
            return nil
        }
        passed += 1
        guard passed >= every else { return nil }
        passed = 0
        count -= 1
        return fault
    }

    var body: JSONValue {
        .object([
            "path": .text(path), "kind": .text(fault.kind.rawValue), "match": .text(match), "count": .integer(count),
            "after": .integer(after),
            "every": .integer(every), "delay_ms": .integer(fault.delayMilliseconds),
            "reason": fault.kind == .rateLimit ? .text(fault.reason.rawValue) : .null,
            "should_retry": fault.shouldRetry.map { .boolean($0) } ?? .null,
        ])
    }
}
