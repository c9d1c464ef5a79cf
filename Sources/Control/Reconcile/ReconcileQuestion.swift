import Metering

/// What is compared with Stripe, and how much of it at once.
struct ReconcileQuestion: Sendable, Equatable {
    /// The longest range, in hours: 100 days.
    static let longest: Int64 = 2_400
    /// The usual range: what one page of Stripe's summaries tells, which has at most 100 rows
    /// (docs.stripe.com/api/billing/meter-event-summary/list).
    static let usual: Int64 = 96
    /// Reads of Stripe that a page makes before it ends, if it has come to the end of a tenant.
    static let readsOfPage = 50
    /// Tenants that a page looks at.
    static let tenantsOfPage = 200
    /// The most reads that may be allowed for.
    static let mostReads = 10_000

    /// Only this tenant; nil for all.
    var tenant: String?
    /// Hours since the Unix epoch, up to before `end`.
    var first: Int64
    var end: Int64
    /// Whether unexplained hours are made owed again.
    var fixes = false
    /// Reads of Stripe allowed.
    var reads = 500
    /// Where the page before ended; nil for the beginning.
    var after: ReconcileCursor?
    /// The last tenant that is looked at; nil for all, those without a record too.
    var last: String?
    /// Whether the first tenant that Stripe is asked for may take more reads than are allowed.
    var allowsFirst = false
    /// How many tenants in a row may fail to be read before the page fails.
    var failures = 0

    /// The usual range up to now.
    init(tenant: String? = nil, now: Int64) {
        self.tenant = tenant
        end = now / 3600 + 1
        first = end - Self.usual
    }

    /// Reads the body of a request.
    init(_ fields: [String: JSONValue], now: Int64) throws(Problem) {
        let known = ["tenant", "from", "to", "fix", "reads", "after"]
        if let unknown = fields.keys.filter({ !known.contains($0) }).min() {
            throw .badRequest(
                "unknown field \"\(unknown)\": this takes \(known.joined(separator: ", "))", code: "unknown_field")
        }
        self.init(now: now)
        switch fields["tenant"] {
        case nil, .null: break
        case .string(let id):
            try ControlAPI.checkID(id)
            tenant = id
        default: throw .badRequest("tenant is a tenant's id", code: "bad_id")
        }
        let latest = end
        if let to = try Self.instant(fields["to"], "to") { end = min(latest, (to + 3599) / 3600) }
        first = try Self.instant(fields["from"], "from").map { $0 / 3600 } ?? end - Self.usual
        guard first < end else { throw .badRequest("from must be before to, and before now", code: "bad_range") }
        guard end - first <= Self.longest else {
            throw .badRequest("from and to are at most \(Self.longest / 24) days apart", code: "bad_range")
        }
        switch fields["fix"] {
        case nil, .null: break
        case .bool(let isAsked): fixes = isAsked
        default: throw .badRequest("fix is true or false", code: "bad_fix")
        }
        switch fields["reads"] {
        case nil, .null: break
        case .integer(let count) where (1...Int64(Self.mostReads)).contains(count): reads = Int(count)
        default: throw .badRequest("reads is a number from 1 to \(Self.mostReads)", code: "bad_reads")
        }
        switch fields["after"] {
        case nil, .null: break
        case .string(let text):
            guard let cursor = ReconcileCursor(text) else {
                throw .badRequest(
                    "after is what an earlier page gave as next, not \"\(text)\"", code: "bad_cursor")
            }
            after = cursor
        default: throw .badRequest("after is what an earlier page gave as next", code: "bad_cursor")
        }
    }

    private static func instant(_ value: JSONValue?, _ name: String) throws(Problem) -> Int64? {
        switch value {
        case nil, .null: return nil
        case .string(let text):
            if let seconds = InstantText.seconds(text), seconds >= 0 { return seconds }
        default: break
        }
        throw .badRequest("\(name) is a time (RFC 3339) or a day (2026-11-01)", code: "bad_time")
    }
}

/// A place in the order in which tenants are compared: those with records by id, then those without.
enum ReconcileCursor: Sendable, Equatable {
    case tenant(String)
    case stranger(partition: Int, offset: Int)

    /// Reads what ``text`` writes; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 2 else { return nil }
        if parts[0] == "t", Identifier.isTenantID(parts[1]) {
            self = .tenant(parts[1])
        } else if parts[0] == "s" {
            let numbers = parts[1].split(separator: ":").compactMap { Int($0) }
            guard numbers.count == 2, numbers.allSatisfy({ (0...1_000_000_000).contains($0) }) else { return nil }
            self = .stranger(partition: numbers[0], offset: numbers[1])
        } else {
            return nil
        }
    }

    /// Whether it comes after a tenant with a record. Ids are ASCII, and ordered by their bytes.
    func isBehind(_ tenant: String) -> Bool {
        switch self {
        case .tenant(let id): id > tenant
        case .stranger: true
        }
    }

    var text: String {
        switch self {
        case .tenant(let id): "t:\(id)"
        case .stranger(let partition, let offset): "s:\(partition):\(offset)"
        }
    }
}
