/// The pages of a comparison put together, with a bound on what is kept of them.
struct ReconcileSum {
    /// The most differences that are listed; more are only counted.
    static let mostListed = 1_000
    private static let mostFailures = 20
    private static let numbers = ["hours", "compared", "reads", "tenants", "fixed", "failed"]

    private var totals: [String: Int64] = [:]
    private var counts: [String: Int64] = [:]
    private var rows: [JSONValue] = []
    private var failures: [JSONValue] = []
    private var next: JSONValue = .null
    private var stopped: JSONValue = .null

    /// One of the numbers.
    subscript(name: String) -> Int64 { totals[name] ?? 0 }

    /// How many, listed or not.
    var differences: Int64 { counts.values.reduce(0, +) }

    mutating func add(_ page: JSONValue) {
        for name in Self.numbers { totals[name, default: 0] += page[name]?.integer ?? 0 }
        totals["of"] = page["of"]?.integer ?? 0
        if case .object(let members)? = page["counts"] {
            for (name, count) in members { counts[name, default: 0] += count.integer ?? 0 }
        }
        rows += (page["differences"]?.list ?? []).prefix(max(0, Self.mostListed - rows.count))
        failures += (page["failures"]?.list ?? []).prefix(max(0, Self.mostFailures - failures.count))
        next = page["next"] ?? .null
        stopped = page["stopped"] ?? .null
    }

    /// It ends before its end.
    mutating func stop(_ reason: String, next place: String) {
        stopped = .text(reason)
        next = .text(place)
    }

    /// In the form of a page.
    var document: JSONValue {
        var members = totals.mapValues { JSONValue.integer($0) }
        members["counts"] = .object(counts.mapValues { .integer($0) })
        members["differences"] = .list(rows)
        members["failures"] = .list(failures)
        members["next"] = next
        members["stopped"] = stopped
        return .object(members)
    }
}
