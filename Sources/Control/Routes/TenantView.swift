import Metering
import RedisLink

/// A tenant as the API shows it.
enum TenantView {
    /// The record's own fields. It is read leniently: a listing must not fail for one bad record.
    static func record(_ stored: StoredTenant) -> JSONValue {
        let fields = stored.fields
        var limits: [String: JSONValue] = [:]
        for (name, value) in fields where name.hasPrefix("limit.") {
            limits[String(name.dropFirst("limit.".count))] = .optional(Int64(value))
        }
        return .object([
            "id": .string(stored.id), "version": .string(stored.version), "plan": .optional(fields["plan"]),
            "customer": .optional(fields["customer"]), "subscription": .optional(fields["subscription"]),
            "status": .optional(fields["status"]), "period_start": instant(fields["period_start"]),
            "period_end": instant(fields["period_end"]), "limits": .object(limits),
            "restricted": .optional(fields["restricted"]), "created_at": instant(fields["created_at"]),
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

    private static func instant(_ text: String?) -> JSONValue {
        .optional(text.flatMap { Int64($0) }.map { InstantText.text($0) })
    }
}
