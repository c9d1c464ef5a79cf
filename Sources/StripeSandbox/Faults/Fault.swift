/// A fault to inject into the next requests of a path.
struct Fault: Sendable {
    /// What goes wrong.
    enum Kind: String, CaseIterable, Sendable {
        /// → the request is executed and its answer saved, then the connection closes without an answer.
        case dropAnswerAfterCommit = "drop_answer_after_commit"
        /// → 500 and nothing is executed or saved: the same key may run later.
        case error500 = "error_500"
        /// → the request is executed, but 500 is answered, and saved under its key as Stripe does.
        case error500AfterCommit = "error_500_after_commit"
        /// → executed after `delay_ms`; its key is in flight meanwhile.
        case slow
        /// → executed at once, answered after `delay_ms`.
        case slowAnswer = "slow_answer"
        /// → the connection is reset and nothing is executed.
        case reset
        /// → 429 with the global limiter's reason and nothing is executed or saved.
        case rateLimit = "rate_limit"
    }

    /// A request's path, or a route's with `{id}` in it.
    let path: String
    let kind: Kind
    /// Text that a request's body or query must hold for the fault to strike it; empty strikes any.
    let match: String
    /// How many requests it still strikes.
    var count: Int
    let delayMilliseconds: Int

    /// Longest delay, in milliseconds.
    static let maximumDelay = 60_000
    /// Most faults waiting at once.
    static let maximumWaiting = 1_000

    /// - Throws: What is wrong with the JSON, by key.
    init(_ json: JSONValue) throws(ControlError) {
        let input = try ControlInput(json, allowing: ["path", "kind", "match", "count", "delay_ms"])
        path = try input.text("path")
        guard path.hasPrefix("/v1/") else { throw ControlError("path must begin with /v1/") }
        let name = try input.text("kind")
        guard let kind = Kind(rawValue: name) else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError("kind '\(name)' is none of \(kinds)")
        }
        self.kind = kind
        match = try input.optionalText("match") ?? ""
        count = try input.integer("count", default: 1, in: 1...1_000_000)
        delayMilliseconds = try input.integer("delay_ms", default: 0, in: 0...Self.maximumDelay)
    }

    var body: JSONValue {
        .object([
            "path": .text(path), "kind": .text(kind.rawValue), "match": .text(match), "count": .integer(count),
            "delay_ms": .integer(delayMilliseconds),
        ])
    }

    /// Whether it strikes this request, whose route has the pattern.
    func strikes(_ request: APIRequest, pattern: String) -> Bool {
        guard path == request.path || path == pattern else { return false }
        return match.isEmpty || request.body.contains(match.utf8) || request.query.utf8.contains(match.utf8)
    }
}
