import Metering
import RedisLink

extension ControlAPI {
    /// What a customer's page shows: the billing period, and of each meter of the plan how much of how much is used.
    func showUsage(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        // What was used a moment ago is used.
        _ = await context.settle()
        let catalogue = context.catalogue()
        let tenant = try await record(of: id)?.tenant
        let now = try await context.store.time()
        let entitlement = catalogue.entitlement(of: tenant, at: now / 1_000_000)
        guard entitlement.access != .unknownTenant else { throw Self.unknown(id) }
        let rows = try await UsageReading(store: context.store, catalogue: catalogue)
            .rows(of: id, tenant, entitlement, at: now)
        let period = PeriodCalendar(catalogue.timeZone).period(for: .period, at: now / 1_000_000, tenant: tenant)
        return .json(
            JSONValue.object([
                "tenant": .string(id), "plan": .optional(entitlement.plan?.slug),
                "plan_name": .optional(entitlement.plan?.name),
                "access": .string(entitlement.access.refusal?.rawValue ?? "ok"),
                "period": .object([
                    "start": UsageView.instant(period.start), "end": UsageView.instant(period.end),
                    "resets_at": UsageView.instant(period.end),
                ]),
                "as_of": UsageView.instant(microseconds: now), "meters": .array(rows.map(UsageView.row)),
            ]))
    }

    /// A tenant's record, as it is stored and as it is read; nil without one.
    func record(of id: String) async throws -> (stored: StoredTenant, tenant: Tenant)? {
        guard let stored = try await context.store.tenant(id) else { return nil }
        do throws(TenantRecordError) {
            return (stored, try ControlContext.tenant(stored))
        } catch {
            throw Problem.internal("the stored record cannot be read: \(error)")
        }
    }
}
