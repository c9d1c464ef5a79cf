import Metering
import RedisLink

extension ControlAPI {
    /// Makes a tenant (201) or changes one (200), and shows it.
    func putTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        let patch = try TenantPatch(try request.object(), catalogue: context.catalogue(), actor: request.actor)
        let now = try await context.store.time() / 1_000_000
        let cause = TenantEditor.Cause(action: "tenant.put", actor: request.actor, reason: patch.reason)
        let written = try await editor.change(id, cause) { old in
            try patch.applied(to: old, at: now) { plan in Tenant(id: id, plan: plan, createdAt: now) }
        }
        guard let written else { throw Self.unknown(id) }
        var answer = ControlAnswer.json(try await view(written.stored))
        answer.status = written.isNew ? 201 : 200
        return answer
    }

    /// What changes records.
    var editor: TenantEditor { TenantEditor(context: context) }

    /// Changes the record of a tenant that has one, and returns how it is shown.
    func change(
        _ id: String, _ cause: TenantEditor.Cause, _ edit: (inout Tenant) async throws -> Void
    ) async throws -> JSONValue {
        let written = try await editor.change(id, cause) { old in
            guard var tenant = old else { throw Self.unknown(id) }
            try await edit(&tenant)
            return tenant
        }
        guard let written else { throw Self.unknown(id) }
        return try await view(written.stored)
    }
}
