/// How fast the gate's counts grow, from two answers of `/v1/top`.
enum TopRates {
    private static let counted = [
        "requests", "allowed", "refused", "decided_by_lease", "decided_by_redis", "decided_by_policy", "syncs",
    ]

    /// The answer with `per_second`: an object, or null where there is no answer before it, or one of another daemon,
    /// whose counts began anew.
    static func adding(to answer: JSONValue, since earlier: JSONValue?) -> JSONValue {
        guard case .object(var members) = answer else { return answer }
        members["per_second"] = rates(answer, earlier) ?? .null
        return .object(members)
    }

    private static func rates(_ answer: JSONValue, _ earlier: JSONValue?) -> JSONValue? {
        guard let earlier, let now = answer["clock_us"]?.integer, let before = earlier["clock_us"]?.integer,
            now > before
        else { return nil }
        var rates: [String: JSONValue] = [:]
        for name in counted {
            guard let count = answer["gate"]?[name]?.integer else { continue }
            let grown = count - (earlier["gate"]?[name]?.integer ?? 0)
            guard grown >= 0 else { return nil }
            let rate = Double(grown) * 1_000_000 / Double(now - before)
            // A decimal tells a little from nothing, and is noise in what is large.
            let rounded = rate < 100 ? (rate * 10).rounded() / 10 : rate.rounded()
            rates[name] = Int64(exactly: rounded).map { .integer($0) } ?? .number(rounded)
        }
        return .object(rates)
    }
}
