import Metering

/// What of a record a change has changed, as the audit stream tells it.
struct AuditChange: Equatable {
    /// A compact JSON object of the fields as they were; empty when none of them was there.
    let before: String
    /// As they are now; empty when none of them is there any more.
    let after: String
    /// Whether nothing at all was changed.
    let isEmpty: Bool

    /// The difference between two records' fields. What says who set a field, and when, is the entry's own to say.
    init(from old: [String: String], to new: [String: String]) {
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        isEmpty = names.isEmpty
        let told = names.filter { !Tenant.isAnnotation(field: $0) }
        before = Self.object(old.filter { told.contains($0.key) })
        after = Self.object(new.filter { told.contains($0.key) })
    }

    /// A record's fields as a script told them whole, in the form in which changes are told.
    static func told(_ fields: [String: JSONValue]) -> [String: JSONValue] {
        var told = fields.filter { !Tenant.isAnnotation(field: $0.key) }
        for case (let name, .string(let value)) in told {
            if let grant = Tenant.grant(field: name, value: value) { told[name] = view(grant) }
        }
        return told
    }

    private static func object(_ fields: [String: String]) -> String {
        guard !fields.isEmpty else { return "" }
        var members: [String: JSONValue] = [:]
        for (name, value) in fields {
            members[name] = Tenant.grant(field: name, value: value).map(view) ?? .string(value)
        }
        return String(decoding: ControlAnswer.json(JSONValue.object(members)).body, as: UTF8.self)
    }

    private static func view(_ grant: Grant) -> JSONValue {
        var members: [String: JSONValue] = [
            "meter": .string(grant.meter), "units": .integer(grant.units), "remaining": .integer(grant.remaining),
            "expires": .string(InstantText.text(grant.expires)),
            "period": .string(InstantText.text(grant.periodStart)), "base": .integer(grant.base),
        ]
        if let drawn = grant.drawn { members["drawn"] = .integer(drawn) }
        if let revokedAt = grant.revokedAt { members["revoked"] = .string(InstantText.text(revokedAt)) }
        return .object(members)
    }
}
