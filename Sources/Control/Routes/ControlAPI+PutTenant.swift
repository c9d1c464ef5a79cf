import Metering
import RedisLink

extension ControlAPI {
    /// How often a write is tried again when somebody else wrote the record meanwhile.
    private static let mostTries = 5

    /// Makes a tenant (201) or changes one (200), and shows it.
    func putTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let id = request.parameter("id")
        try Self.checkID(id)
        let patch = try TenantPatch(try request.object(), catalogue: context.catalogue())
        for _ in 0..<Self.mostTries {
            let stored = try await context.store.tenant(id)
            let old: Tenant?
            do throws(TenantRecordError) {
                old = try stored.map { (record) throws(TenantRecordError) in try ControlContext.tenant(record) }
            } catch {
                throw Problem.conflict(
                    "the stored record cannot be read, so it cannot be changed: \(error)", code: "bad_record")
            }
            let tenant = try patch.applied(to: old) { plan in
                Tenant(id: id, plan: plan, createdAt: context.now() / 1000)
            }
            // Fields that a newer release wrote are kept.
            let unknown = (stored?.fields ?? [:]).filter { name, _ in old?.fields[name] == nil }
            let fields = tenant.fields.merging(unknown) { known, _ in known }
            let change = AuditChange(from: stored?.fields ?? [:], to: fields)
            if let stored, change.isEmpty { return .json(try await view(stored)) }
            let note = AuditNote(
                action: "tenant.put", actor: request.actor, reason: patch.reason, before: change.before,
                after: change.after)
            let written = try await context.store.putTenant(
                id, fields: fields, replacing: stored?.version, noting: note)
            if let written {
                await context.tenantChanged(id)
                var answer = ControlAnswer.json(try await view(written))
                answer.status = stored == nil ? 201 : 200
                return answer
            }
        }
        throw Problem.conflict("others keep changing \(id): try again", code: "write_conflict")
    }
}
