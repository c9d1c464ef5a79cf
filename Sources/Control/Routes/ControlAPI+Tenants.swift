import Metering
import RedisLink

extension ControlAPI {
    /// The most records that one request reads while it looks for those its filters let through.
    private static let mostRead = 20_000

    /// A page of tenants in the byte order of their ids. With filters a page may be short, or empty, and still have a
    /// next one.
    func listTenants(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("after", "limit", "plan", "status", "prefix")
        let limit = try request.pageLimit()
        let filter = try TenantFilter(request.query)
        var cursor = request.query["after"]
        if let after = cursor { try Self.checkID(after) }
        if let start = filter.placeBefore, cursor.map({ Self.precedes($0, start) }) ?? true { cursor = start }
        var tenants: [JSONValue] = []
        let now = try await context.store.time() / 1_000_000
        var read = 0
        var isAtEnd = false
        let pageSize = filter.isOpen ? limit : 1000
        search: while read < Self.mostRead, !isAtEnd {
            let page = try await context.store.tenants(after: cursor, limit: pageSize)
            isAtEnd = page.count < pageSize
            read += page.count
            for stored in page {
                if filter.isPast(stored.id) {
                    isAtEnd = true
                    break search
                }
                cursor = stored.id
                guard filter.takes(stored) else { continue }
                tenants.append(TenantView.record(stored, at: now))
                if tenants.count == limit { break search }
            }
        }
        let isWhole = isAtEnd && (tenants.count < limit || cursor == nil)
        return .json(JSONValue.object(["tenants": .array(tenants), "next": isWhole ? .null : .optional(cursor)]))
    }

    /// One tenant: its record, what it is entitled to, and each meter's limit and usage now.
    func showTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        guard let stored = try await context.store.tenant(id) else { throw Self.unknown(id) }
        return .json(try await view(stored))
    }

    func view(_ stored: StoredTenant) async throws -> JSONValue {
        let tenant: Tenant
        do throws(TenantRecordError) {
            tenant = try ControlContext.tenant(stored)
        } catch {
            throw Problem.internal("the stored record cannot be read: \(error)")
        }
        let catalogue = context.catalogue()
        let now = try await context.store.time()
        let second = now / 1_000_000
        let entitlement = catalogue.entitlement(of: tenant, at: second)
        let rows = try await UsageReading(store: context.store, catalogue: catalogue)
            .rows(of: tenant.id, tenant, entitlement, at: now)
        guard case .object(var view) = TenantView.record(stored, at: second) else { return .null }
        view["grants"] = try await grants(of: tenant, at: second)
        view["entitlement"] = TenantView.entitlement(entitlement)
        view["meters"] = .array(rows.map(UsageView.row))
        return .object(view)
    }

    /// Its grants, and what is left of each.
    func grants(of tenant: Tenant, at second: Int64) async throws(StoreError) -> JSONValue {
        let counters = tenant.grants.map { (meter: $0.meter, period: $0.periodStart) }
        let used = try await context.store.used(tenant.id, counters)
        return TenantView.grants(tenant.grants, at: second) { meter, period in
            zip(counters, used).first { $0.0 == (meter, period) }?.1 ?? 0
        }
    }

    /// Removes a tenant; with `force=true` also one whose owed hours then nobody can send any more, those included that
    /// Redis has not been told of.
    func removeTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("force", "reason")
        let id = request.parameter("id")
        try Self.checkID(id)
        let reason = try request.query["reason"].map(ReasonText.check) ?? ""
        let force: Bool
        switch request.query["force"] {
        case nil, "false": force = false
        case "true", "": force = true
        case let text?: throw Problem.badRequest("force is true or false, not \"\(text)\"", code: "bad_force")
        }
        let levels = context.catalogue().meters.filter { $0.kind == .level }.map(\.name)
        // What it used a moment ago is owed too.
        guard await context.settle() || force else {
            throw Problem.unavailable(
                "Redis has not been told yet of all that was used, so \(id) may owe hours: try again in a moment, or "
                    + "force it (--force, force=true) and lose them", code: "unsettled")
        }
        switch try await context.store.removeTenant(
            id, levelMeters: levels, force: force,
            noting: AuditNote(action: "tenant.remove", actor: request.actor, reason: reason))
        {
        case .unknown: throw Self.unknown(id)
        case .owed(let hours):
            throw Problem.conflict(
                "\(id) has \(hours) hours that Stripe does not have: flush what is owed, retry or drop what it refused "
                    + "(outbox --dead), or remove it with force=true and lose them", code: "owed_hours")
        case .removed(let dropped):
            await context.tenantChanged(id)
            return .json(
                JSONValue.object([
                    "id": .string(id), "removed": .bool(true), "dropped_hours": .integer(Int64(dropped)),
                ]))
        }
    }

    static func unknown(_ id: String) -> Problem {
        .notFound("there is no record of the tenant \(id)", code: "unknown_tenant")
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
