import Metering
import RedisLink

/// Changes tenants' records: reads, changes, writes over what was read, and again when somebody else was quicker. What
/// it has written counts at this daemon's gate when it returns, and at the others' within a moment.
struct TenantEditor {
    /// How often a write is tried again when somebody else wrote the record meanwhile.
    private static let mostTries = 5

    let context: ControlContext

    /// Who changes a record, and why.
    struct Cause {
        /// As the audit stream names it: `tenant.limit`.
        let action: String
        let actor: String
        var reason = ""
    }

    /// A record that was changed.
    struct Written {
        let stored: StoredTenant
        let isNew: Bool
    }

    /// Changes a record. `edit` is given the one that is there (nil: none) and returns the one to write, or nil to
    /// leave it as it is; it may be called again.
    ///
    /// - Returns: The record as it stands then; nil when there is none.
    func change(
        _ id: String, _ cause: Cause, _ edit: (Tenant?) async throws -> Tenant?
    ) async throws -> Written? {
        for _ in 0..<Self.mostTries {
            let stored = try await context.store.tenant(id)
            let old: Tenant?
            do throws(TenantRecordError) {
                old = try stored.map { (record) throws(TenantRecordError) in try ControlContext.tenant(record) }
            } catch {
                throw Problem.conflict(
                    "the stored record cannot be read, so it cannot be changed: \(error)", code: "bad_record")
            }
            let unchanged = stored.map { Written(stored: $0, isNew: false) }
            guard let tenant = try await edit(old) else { return unchanged }
            if let customer = tenant.customer, customer != old?.customer { try await refuseIfTaken(customer, by: id) }
            let fields = Self.fields(of: tenant, old: old, stored: stored)
            let change = AuditChange(from: stored?.fields ?? [:], to: fields)
            if stored != nil, change.isEmpty { return unchanged }
            let note = AuditNote(
                action: cause.action, actor: cause.actor, reason: cause.reason, before: change.before,
                after: change.after)
            let written = try await context.store.putTenant(
                id, fields: fields, replacing: stored?.version, noting: note)
            if let written {
                await context.tenantChanged(id)
                return Written(stored: written, isNew: stored == nil)
            }
        }
        throw Problem.conflict("others keep changing \(id): try again", code: "write_conflict")
    }

    /// Stripe keeps one total of a customer's hour and meter, so of two tenants with one customer each would replace
    /// the other's. Two that are written at the same moment are found by the doctor.
    private func refuseIfTaken(_ customer: String, by id: String) async throws {
        guard context.catalogue().meters.contains(where: { $0.stripe?.eventName != nil }),
            let other = try await context.store.tenants(customer: customer).first(where: { $0.id != id })
        else { return }
        throw Problem.conflict(
            "\(customer) is the Stripe customer of \(other.id): at Stripe the hours of one would replace the other's; "
                + "give each tenant a customer of its own", code: "customer_taken")
    }

    /// The tenant's fields, and those of a newer release that were there before.
    private static func fields(of tenant: Tenant, old: Tenant?, stored: StoredTenant?) -> [String: String] {
        let read = old?.fields ?? [:]
        let unknown = (stored?.fields ?? [:]).filter { name, _ in read[name] == nil && !Tenant.owns(field: name) }
        return tenant.fields.merging(unknown) { known, _ in known }
    }
}
