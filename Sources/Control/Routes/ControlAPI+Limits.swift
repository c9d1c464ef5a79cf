import Metering
import RedisLink

extension ControlAPI {
    /// Gives a tenant a limit of its own for a meter, until when if need be, or takes it away.
    func limitTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        let body = try TenantRequest(request, allowing: "meter", "value", "until", "reason")
        let catalogue = context.catalogue()
        let meter = try body.meter(catalogue)
        let value = try body.integerOrNull("value")
        let now = try await context.store.time() / 1_000_000
        let until = try body.instant("until", after: now)
        let reason = try body.reason()
        if let value, let problem = catalogue.problem(withLimit: value, for: meter.name) {
            throw TenantRequest.invalid("value", problem)
        }
        if value == nil, until != nil {
            throw TenantRequest.invalid("until", "says nothing of a limit that is removed")
        }
        let cause = TenantEditor.Cause(action: "tenant.limit", actor: request.actor, reason: reason)
        return .json(
            try await change(id, cause) { tenant in
                tenant.limits[meter.name] = value.map {
                    LimitOverride($0, until: until, by: request.actor, reason: reason, setAt: now)
                }
            })
    }

    /// Refuses every call of a tenant, until when if need be.
    func blockTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        let body = try TenantRequest(request, allowing: "until", "reason")
        let now = try await context.store.time() / 1_000_000
        let until = try body.instant("until", after: now)
        let reason = try body.reason()
        let cause = TenantEditor.Cause(action: "tenant.block", actor: request.actor, reason: reason)
        return .json(
            try await change(id, cause) { tenant in
                tenant.restriction = Restriction(reason, until: until, by: request.actor, setAt: now)
            })
    }

    /// Lets limits decide again.
    func unblockTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        let reason = try TenantRequest(request, allowing: "reason").reason(isOptional: true)
        let cause = TenantEditor.Cause(action: "tenant.unblock", actor: request.actor, reason: reason)
        return .json(try await change(id, cause) { $0.restriction = nil })
    }
}
