import Metering
import RedisLink

extension ControlAPI {
    /// The most grants that a tenant has at once.
    static let mostGrants = 100

    /// Gives a tenant units of a counter on top of its limit. What it has used so far draws nothing from them.
    ///
    /// A caller that names the grant may ask again: a grant of that name is given once (201, then 200).
    func grantTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        let body = try TenantRequest(request, allowing: "id", "meter", "units", "expires", "reason")
        let catalogue = context.catalogue()
        let meter = try body.meter(catalogue)
        guard meter.kind == .counter, let cycle = meter.cycle, cycle != .minute else {
            throw TenantRequest.invalid(
                "meter", "\(meter.name) is no counter by the hour or longer, and only such can be granted")
        }
        let units = try body.units()
        let now = try await context.store.time() / 1_000_000
        guard let expires = try body.instant("expires", after: now) else {
            throw TenantRequest.invalid("expires", "is required: a grant ends at some time")
        }
        let reason = try body.reason()
        let grantID = try body.grantID() ?? Grant.makeID()
        // What was used a moment ago is used before it.
        _ = await context.settle()
        var (isUnlimited, isThere) = (false, false)
        let cause = TenantEditor.Cause(action: "tenant.grant", actor: request.actor, reason: reason)
        let shown = try await changeOnce(id, cause) { tenant in
            if let given = tenant.grants.first(where: { $0.id == grantID }) {
                guard (given.meter, given.units, given.expires) == (meter.name, units, expires) else {
                    throw Problem.conflict(
                        "\(id) has another grant \(grantID): \(given.units) units of \(given.meter) until "
                            + InstantText.text(given.expires), code: "other_grant")
                }
                isThere = true
                return
            }
            guard tenant.grants.count < Self.mostGrants else {
                throw Problem.conflict("\(id) has \(Self.mostGrants) grants: revoke some", code: "too_many_grants")
            }
            let calendar = PeriodCalendar(catalogue.timeZone)
            let period = calendar.period(for: cycle, at: now, tenant: tenant)
            let limit = catalogue.entitlement(of: tenant, at: now).limit(for: meter.name, in: period)
            isUnlimited = limit?.isUnlimited ?? false
            if let limit, !isUnlimited, max(limit.value, limit.cap ?? 0) > Amount.largest - units {
                throw TenantRequest.invalid(
                    "units", "with them the limit would be over \(Amount.largest), the largest there is")
            }
            let base = try await context.store.used(id, [(meter.name, period.start)])[0]
            tenant.grants.append(
                Grant(
                    id: grantID, meter: meter.name, units: units, givenAt: now, expires: expires, by: request.actor,
                    reason: reason, period: period, base: base))
        }
        guard case .object(var view) = shown else { return .json(shown) }
        view["granted"] = .string(grantID)
        view["note"] =
            isUnlimited
            ? .string("\(meter.name) is unlimited for \(id) now: the grant counts once it is not") : .null
        return .json(JSONValue.object(view), status: isThere ? 200 : 201)
    }

    /// Changes a record in a way that must not be repeated: a caller that is told to try again would give twice.
    private func changeOnce(
        _ id: String, _ cause: TenantEditor.Cause, _ edit: (inout Tenant) async throws -> Void
    ) async throws -> JSONValue {
        do {
            return try await change(id, cause, edit)
        } catch let error as StoreError where error.mayHaveRun {
            throw Problem(
                status: 503, title: "Service Unavailable",
                detail: "\(error.message); it may have been given all the same: look before trying again",
                code: "store")
        }
    }

    /// Takes a grant back: what was drawn from it stays so.
    func revokeGrant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        let grantID = request.parameter("grant")
        try Self.checkID(id)
        let reason = try TenantRequest(request, allowing: "reason").reason()
        let now = try await context.store.time() / 1_000_000
        let cause = TenantEditor.Cause(action: "tenant.grant", actor: request.actor, reason: reason)
        let shown = try await change(id, cause) { tenant in
            guard let index = tenant.grants.firstIndex(where: { $0.id == grantID }) else {
                throw Problem.notFound("\(id) has no grant \(grantID)", code: "unknown_grant")
            }
            guard tenant.grants[index].isActive(at: now) else {
                throw Problem.conflict("the grant \(grantID) has ended already", code: "grant_ended")
            }
            tenant.grants[index].revokedAt = now
        }
        return .json(shown)
    }
}
