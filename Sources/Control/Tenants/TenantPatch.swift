import Metering

/// What a caller wants changed of a tenant: an absent field stays, a null one is removed.
struct TenantPatch {
    /// One optional field.
    enum Change<Value> {
        case keep
        case remove
        case set(Value)

        func applied(to old: Value?) -> Value? {
            switch self {
            case .keep: old
            case .remove: nil
            case .set(let value): value
            }
        }
    }

    private static let names = [
        "plan", "customer", "subscription", "status", "period_start", "period_end", "limits", "restricted",
        "reason",
    ]
    private static let longestText = 500

    /// Why, for the audit stream; may be empty.
    let reason: String
    /// Who, in the words of the audit stream.
    private let actor: String
    private(set) var plan: String?
    private var customer: Change<String> = .keep
    private var subscription: Change<String> = .keep
    private var status: Change<SubscriptionStatus> = .keep
    private var periodStart: Change<Int64> = .keep
    private var periodEnd: Change<Int64> = .keep
    private var restricted: Change<String> = .keep
    /// A nil value removes the tenant's own limit.
    private var limits: [String: Int64?] = [:]

    /// Reads a body and holds it against the catalogue.
    init(_ fields: [String: JSONValue], catalogue: Catalogue, actor: String) throws(Problem) {
        self.actor = actor
        if let unknown = fields.keys.filter({ !Self.names.contains($0) }).min() {
            throw .badRequest(
                "unknown field \"\(unknown)\": a tenant has \(Self.names.joined(separator: ", "))",
                code: "unknown_field")
        }
        reason = try ReasonText.read(fields["reason"]) ?? ""
        switch fields["plan"] {
        case nil: break
        case .string(let slug):
            guard catalogue.plan(slug) != nil else {
                let known = catalogue.plans.map(\.slug).joined(separator: ", ")
                throw Self.invalid("plan", "\"\(slug)\" is not in the catalogue: \(known)")
            }
            plan = slug
        default: throw Self.invalid("plan", "must be the name of a plan")
        }
        customer = try Self.text(fields, "customer")
        subscription = try Self.text(fields, "subscription")
        restricted = try Self.text(fields, "restricted")
        status = try Self.change(fields, "status", "must be a subscription status") { (text) throws(Problem) in
            guard let status = SubscriptionStatus(rawValue: text) else {
                let known = SubscriptionStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.invalid("status", "\"\(text)\" is not a subscription status: \(known)")
            }
            return status
        }
        periodStart = try Self.instant(fields, "period_start")
        periodEnd = try Self.instant(fields, "period_end")
        limits = try Self.limits(fields["limits"], catalogue)
    }

    /// The record with the changes, made at a second of Unix time; `new` makes the one to start from.
    func applied(to old: Tenant?, at now: Int64, new: (String) -> Tenant) throws(Problem) -> Tenant {
        guard var tenant = old ?? plan.map(new) else {
            throw Self.invalid("plan", "is required for a tenant that has no record yet")
        }
        tenant.plan = plan ?? tenant.plan
        tenant.customer = customer.applied(to: tenant.customer)
        tenant.subscription = subscription.applied(to: tenant.subscription)
        tenant.status = status.applied(to: tenant.status)
        // What is said again stays as it was said, by whom and until when; what has run out begins anew.
        switch restricted {
        case .keep: break
        case .remove: tenant.restriction = nil
        case .set(let reason):
            let inForce = tenant.restriction.flatMap { $0.isInForce(at: now) ? $0.reason : nil }
            if reason != inForce { tenant.restriction = Restriction(reason, by: actor, setAt: now) }
        }
        for (meter, limit) in limits {
            let inForce = tenant.limits[meter].flatMap { $0.isInForce(at: now) ? $0.value : nil }
            if limit != nil, limit == inForce { continue }
            tenant.limits[meter] = limit.map {
                LimitOverride($0, by: actor, reason: reason.isEmpty ? nil : reason, setAt: now)
            }
        }
        switch (periodStart.applied(to: tenant.periodStart), periodEnd.applied(to: tenant.periodEnd)) {
        case (nil, nil): tenant.clearPeriod()
        case (let start?, let end?):
            if start != tenant.periodStart || end != tenant.periodEnd {
                do throws(TenantRecordError) {
                    try tenant.setPeriod(start: start, end: end)
                } catch {
                    throw Self.invalid(error.field, error.problem)
                }
            }
        case (nil, _): throw Self.invalid("period_start", "is missing: a period has a start and an end")
        case (_, nil): throw Self.invalid("period_end", "is missing: a period has a start and an end")
        }
        return tenant
    }

    private static func invalid(_ field: String, _ problem: String) -> Problem {
        .badRequest("\(field): \(problem)", code: "bad_field")
    }

    private static func change<Value>(
        _ fields: [String: JSONValue], _ name: String, _ wrongType: String,
        _ read: (String) throws(Problem) -> Value
    ) throws(Problem) -> Change<Value> {
        switch fields[name] {
        case nil: return .keep
        case .null: return .remove
        case .string(let text): return .set(try read(text))
        default: throw invalid(name, wrongType)
        }
    }

    private static func text(_ fields: [String: JSONValue], _ name: String) throws(Problem) -> Change<String> {
        try change(fields, name, "must be a text, or null") { (text) throws(Problem) in
            guard !text.isEmpty, text.utf8.count <= longestText else {
                throw invalid(name, "must be 1 to \(longestText) bytes, or null to remove it")
            }
            return text
        }
    }

    private static func instant(_ fields: [String: JSONValue], _ name: String) throws(Problem) -> Change<Int64> {
        try change(fields, name, "must be a time, or null") { (text) throws(Problem) in
            guard let seconds = InstantText.seconds(text) else {
                throw invalid(
                    name, "\"\(text)\" is neither a date (2026-01-31) nor a time (2026-01-31T10:17:00Z)")
            }
            return seconds
        }
    }

    private static func limits(
        _ value: JSONValue?, _ catalogue: Catalogue
    ) throws(Problem) -> [String: Int64?] {
        guard let value else { return [:] }
        guard case .object(let fields) = value else { throw invalid("limits", "must be an object of meter and number") }
        var limits: [String: Int64?] = [:]
        for (meter, value) in fields.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .null: limits.updateValue(nil, forKey: meter)
            case .integer(let number):
                if let problem = catalogue.problem(withLimit: number, for: meter) {
                    throw invalid("limits.\(meter)", problem)
                }
                limits.updateValue(number, forKey: meter)
            default: throw invalid("limits.\(meter)", "must be a whole number, or null to remove it")
            }
        }
        return limits
    }
}
