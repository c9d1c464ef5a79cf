import Metering
import RedisLink

/// A tenant as the API shows it.
enum TenantView {
    /// The record's own fields. It is read leniently: a listing must not fail for one bad record.
    ///
    /// - Parameter second: Unix seconds, by Redis's clock: what is over then is shown as such.
    static func record(_ stored: StoredTenant, at second: Int64) -> JSONValue {
        let fields = stored.fields
        var limits: [String: JSONValue] = [:]
        var overrides: [JSONValue] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where name.hasPrefix("limit.") {
            let meter = String(name.dropFirst("limit.".count))
            limits[meter] = .optional(Int64(value))
            let until = fields["limit_until.\(meter)"]
            overrides.append(
                .object([
                    "meter": .string(meter), "value": .optional(Int64(value)), "until": instant(until),
                    "expired": .bool(isOver(until, second)), "by": .optional(fields["limit_by.\(meter)"]),
                    "reason": .optional(fields["limit_why.\(meter)"]), "set_at": instant(fields["limit_at.\(meter)"]),
                ]))
        }
        return .object([
            "id": .string(stored.id), "version": .string(stored.version), "plan": .optional(fields["plan"]),
            "customer": .optional(fields["customer"]), "subscription": .optional(fields["subscription"]),
            "status": .optional(fields["status"]), "period_start": instant(fields["period_start"]),
            "period_end": instant(fields["period_end"]), "limits": .object(limits),
            "overrides": .array(overrides), "restricted": .optional(fields["restricted"]),
            "restriction": restriction(fields, second), "created_at": instant(fields["created_at"]),
        ])
    }

    /// What counts for the gate now.
    static func entitlement(_ entitlement: Entitlement) -> JSONValue {
        .object([
            "access": .string(entitlement.access.refusal?.rawValue ?? "ok"),
            "plan": .optional(entitlement.plan?.slug),
            "features": .array((entitlement.plan?.features.sorted() ?? []).map { .string($0) }),
        ])
    }

    /// Grants, in the order in which they are drawn.
    ///
    /// - Parameter used: what was used of a meter in the period that starts then.
    static func grants(_ grants: [Grant], at second: Int64, used: (String, Int64) -> Int64) -> JSONValue {
        var views: [JSONValue] = []
        for meter in Set(grants.map(\.meter)).sorted() {
            let book = GrantBook(grants.filter { $0.meter == meter })
            for (place, grant) in book.grants.enumerated() {
                let draws = book.draws(in: grant.periodStart, used: used(meter, grant.periodStart))
                let left = grant.isActive(at: second) ? max(0, grant.remaining - (draws[place] ?? 0)) : 0
                views.append(
                    .object([
                        "id": .string(grant.id), "meter": .string(meter), "units": .integer(grant.units),
                        "left": .integer(left), "state": .string(state(grant, second)),
                        "given_at": .string(InstantText.text(grant.givenAt)),
                        "expires": .string(InstantText.text(grant.expires)),
                        "revoked_at": .optional(grant.revokedAt.map { InstantText.text($0) }),
                        "by": .string(grant.by), "reason": .string(grant.reason),
                    ]))
            }
        }
        return .array(views)
    }

    private static func state(_ grant: Grant, _ second: Int64) -> String {
        if grant.revokedAt != nil { return "revoked" }
        return second < grant.expires ? "active" : "expired"
    }

    private static func restriction(_ fields: [String: String], _ second: Int64) -> JSONValue {
        guard let reason = fields["restricted"] else { return .null }
        let until = fields["restricted_until"]
        return .object([
            "reason": .string(reason), "until": instant(until), "expired": .bool(isOver(until, second)),
            "by": .optional(fields["restricted_by"]), "set_at": instant(fields["restricted_at"]),
        ])
    }

    private static func isOver(_ until: String?, _ second: Int64) -> Bool {
        until.flatMap { Int64($0) }.map { $0 <= second } ?? false
    }

    private static func instant(_ text: String?) -> JSONValue {
        .optional(text.flatMap { Int64($0) }.map { InstantText.text($0) })
    }
}
