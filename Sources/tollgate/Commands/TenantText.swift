/// A tenant for people: what its record says, then its meters.
enum TenantText {
    private static let fields: [(field: String, title: String)] = [
        ("id", "tenant"), ("plan", "plan"), ("status", "status"),
        ("customer", "customer"), ("subscription", "subscription"), ("period_start", "period starts"),
        ("period_end", "period ends"), ("restricted", "restricted"), ("limits", "own limits"),
        ("created_at", "created"),
    ]

    static func text(_ tenant: JSONValue, _ style: TextStyle) -> String {
        var details: [(name: String, value: Table.Cell)] = []
        for (field, title) in fields {
            guard let value = tenant[field] else { continue }
            details.append((title, Table.Cell(words(field, value), field == "restricted" ? .bad : .plain)))
        }
        details += entitlement(tenant)
        let meters = tenant["meters"]?.list ?? []
        let table = meters.isEmpty ? "" : "\n" + MeterTable.make(meters).text(style)
        return Table(details: details).text(style) + table
    }

    /// What counts for the gate now: the plan and access only where they are not what the record lets expect.
    private static func entitlement(_ tenant: JSONValue) -> [(name: String, value: Table.Cell)] {
        guard let entitlement = tenant["entitlement"] else { return [] }
        var details: [(name: String, value: Table.Cell)] = []
        if let access = entitlement["access"], access != .text("ok") {
            details.append(("refused", .init(access.words, .bad)))
        }
        if let plan = entitlement["plan"], plan != tenant["plan"] {
            details.append(("plan in effect", .init(plan.words, .caution)))
        }
        if let features = entitlement["features"] { details.append(("features", .init(features.words))) }
        return details
    }

    private static func words(_ field: String, _ value: JSONValue) -> String {
        guard field == "limits", case .object(let limits) = value else { return value.words }
        return JSONValue.object(limits.mapValues { $0 == .integer(-1) ? .text("unlimited") : $0 }).words
    }
}
