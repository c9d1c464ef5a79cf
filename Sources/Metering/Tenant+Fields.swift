/// The flat form of a record, as a hash in Redis holds it. Every value is text; what is nil has no field.
extension Tenant {
    /// Field names; those that end in a dot have a meter's or a grant's name behind it.
    private enum Field {
        static let plan = "plan"
        static let customer = "customer"
        static let subscription = "subscription"
        static let status = "status"
        static let periodStart = "period_start"
        static let periodEnd = "period_end"
        static let anchor = "anchor"
        static let billedSince = "billed_since"
        static let limitPrefix = "limit."
        static let limitUntil = "limit_until."
        static let limitBy = "limit_by."
        static let limitReason = "limit_why."
        static let limitSetAt = "limit_at."
        static let restricted = "restricted"
        static let restrictedUntil = "restricted_until"
        static let restrictedBy = "restricted_by"
        static let restrictedAt = "restricted_at"
        static let grantPrefix = "grant."
        static let grantsDue = "grants_due"
        static let createdAt = "created_at"
    }

    /// Whether a field, of whatever value, is one that this release writes itself: what is written without it has lost
    /// it. Grants are not among them, since each is read or left alone by its own form.
    public static func owns(field: String) -> Bool {
        let names = [
            Field.plan, Field.customer, Field.subscription, Field.status, Field.periodStart, Field.periodEnd,
            Field.anchor, Field.billedSince, Field.restricted, Field.restrictedUntil, Field.restrictedBy,
            Field.restrictedAt,
            Field.grantsDue, Field.createdAt,
        ]
        let prefixes = [Field.limitPrefix, Field.limitUntil, Field.limitBy, Field.limitReason, Field.limitSetAt]
        return names.contains(field) || prefixes.contains { field.hasPrefix($0) }
    }

    /// Whether a field says of another one who set it and when, or only when to look at the record again.
    public static func isAnnotation(field: String) -> Bool {
        [Field.restrictedBy, Field.restrictedAt, Field.grantsDue].contains(field)
            || [Field.limitBy, Field.limitReason, Field.limitSetAt].contains { field.hasPrefix($0) }
    }

    /// The grant that a field holds, in a form that this release knows.
    public static func grant(field: String, value: String) -> Grant? {
        guard field.hasPrefix(Field.grantPrefix) else { return nil }
        return Grant(id: String(field.dropFirst(Field.grantPrefix.count)), text: value)
    }

    /// Reads a record back. Fields that are not known are left alone, so that a sidecar of an older release still
    /// works beside one that writes more.
    ///
    /// - Throws: If the id is not one, if `plan` or `created_at` is missing, or if a value cannot be what ``fields``
    ///   writes.
    public init(id: String, version: Int64, fields: [String: String]) throws(TenantRecordError) {
        guard Identifier.isTenantID(id) else {
            throw TenantRecordError(
                tenant: id, field: "id", problem: "must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -")
        }
        let reader = FieldReader(tenant: id, fields: fields)
        self.init(
            id: id, version: version, plan: try reader.required(Field.plan),
            createdAt: try reader.instant(Field.createdAt, required: true) ?? 0)
        customer = try reader.text(Field.customer)
        subscription = try reader.text(Field.subscription)
        status = try reader.status(Field.status)
        if let reason = try reader.text(Field.restricted) {
            restriction = Restriction(
                reason, until: try reader.instant(Field.restrictedUntil), by: fields[Field.restrictedBy],
                setAt: try reader.instant(Field.restrictedAt))
        }
        try restorePeriod(
            start: try reader.instant(Field.periodStart), end: try reader.instant(Field.periodEnd),
            anchor: try reader.instant(Field.anchor), billedSince: try reader.instant(Field.billedSince))
        for (field, value) in fields where field.hasPrefix(Field.limitPrefix) {
            let meter = String(field.dropFirst(Field.limitPrefix.count))
            limits[meter] = LimitOverride(
                try reader.limit(field, meter: meter, value: value),
                until: try reader.instant(Field.limitUntil + meter), by: fields[Field.limitBy + meter],
                reason: fields[Field.limitReason + meter], setAt: try reader.instant(Field.limitSetAt + meter))
        }
        for (field, value) in fields where field.hasPrefix(Field.grantPrefix) && Grant.isKnown(value) {
            guard let grant = Tenant.grant(field: field, value: value) else {
                throw TenantRecordError(tenant: id, field: field, problem: "is no grant that tollgate wrote")
            }
            grants.append(grant)
        }
        grants.sort { $0.id < $1.id }
    }

    /// The fields to store. Reading them back gives an equal record.
    public var fields: [String: String] {
        var fields = [Field.plan: plan, Field.createdAt: String(createdAt)]
        fields[Field.customer] = customer
        fields[Field.subscription] = subscription
        fields[Field.status] = status?.rawValue
        fields[Field.periodStart] = periodStart.map { String($0) }
        fields[Field.periodEnd] = periodEnd.map { String($0) }
        fields[Field.anchor] = anchor.map { String($0) }
        fields[Field.billedSince] = billedSince.map { String($0) }
        fields[Field.restricted] = restriction?.reason
        fields[Field.restrictedUntil] = restriction?.until.map { String($0) }
        fields[Field.restrictedBy] = restriction?.by
        fields[Field.restrictedAt] = restriction?.setAt.map { String($0) }
        for (meter, limit) in limits {
            fields[Field.limitPrefix + meter] = String(limit.value)
            fields[Field.limitUntil + meter] = limit.until.map { String($0) }
            fields[Field.limitBy + meter] = limit.by
            fields[Field.limitReason + meter] = limit.reason
            fields[Field.limitSetAt + meter] = limit.setAt.map { String($0) }
        }
        for grant in grants { fields[Field.grantPrefix + grant.id] = grant.text }
        // When somebody has to settle something: the store lists the tenant by it.
        fields[Field.grantsDue] = grants.map(\.due).min().map { String($0) }
        return fields
    }
}

/// Reads single fields of one record, with errors that name them.
private struct FieldReader {
    let tenant: String
    let fields: [String: String]

    func required(_ field: String) throws(TenantRecordError) -> String {
        guard let value = try text(field) else { throw error(field, "is missing") }
        return value
    }

    func text(_ field: String) throws(TenantRecordError) -> String? {
        guard let value = fields[field] else { return nil }
        guard !value.isEmpty else { throw error(field, "is empty") }
        return value
    }

    func instant(_ field: String, required: Bool = false) throws(TenantRecordError) -> Int64? {
        guard let value = required ? try self.required(field) : try text(field) else { return nil }
        guard let instant = Int64(value), Tenant.instants.contains(instant) else {
            throw error(field, "\"\(value)\" is not a time from 1970 to 9999 in Unix seconds")
        }
        return instant
    }

    func status(_ field: String) throws(TenantRecordError) -> SubscriptionStatus? {
        guard let value = try text(field) else { return nil }
        guard let status = SubscriptionStatus(rawValue: value) else {
            let allowed = SubscriptionStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(field, "\"\(value)\" is not a subscription status: \(allowed)")
        }
        return status
    }

    func limit(_ field: String, meter: String, value: String) throws(TenantRecordError) -> Int64 {
        guard Identifier.isName(meter) else { throw error(field, "\"\(meter)\" is not a meter's name") }
        guard let limit = Int64(value), limit == Amount.unlimited || (0...Amount.largest).contains(limit) else {
            throw error(field, "\"\(value)\" is not a limit: 0 to \(Amount.largest), or -1 for unlimited")
        }
        return limit
    }

    private func error(_ field: String, _ problem: String) -> TenantRecordError {
        TenantRecordError(tenant: tenant, field: field, problem: problem)
    }
}
