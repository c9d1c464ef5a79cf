import Billing
import Metering
import RedisLink
import StripeAPI

/// Makes tenants of an account's customers, a page at a time. Nothing is remembered between pages: what is written
/// already is found unchanged, so a run may be stopped, and begun anew.
struct StripeImport {
    let context: ControlContext
    let stripe: StripeClient
    let retry: StripeRetry
    let request: ImportRequest
    let actor: String

    /// A page's result.
    struct Page {
        var items: [ImportItem] = []
        /// Customers looked at, and those of them that are none of ours.
        var customers = 0
        var foreign = 0
        /// The customer behind which the next page begins; nil after the last.
        var next: String?

        var view: JSONValue {
            .object([
                "items": .array(items.map(\.view)), "customers": .integer(Int64(customers)),
                "foreign": .integer(Int64(foreign)), "next": .optional(next),
            ])
        }
    }

    /// Reads a page of customers and imports them, or says what it would do.
    func page() async throws -> Page {
        let list = try await retry.read { () async throws(StripeError) in
            try await stripe.customersWithSubscriptions(after: request.after)
        }
        let catalogue = context.catalogue()
        let plan = ImportPlan(catalogue: catalogue)
        let readings = list.data.map { customer in
            (customer.id, plan.read(ImportedCustomer(customer, mapped: request.mapping[customer.id])))
        }
        let doubled = ImportPlan.doubled(readings.map(\.1)).union(request.except)
        let now = try await context.store.time() / 1_000_000
        var page = Page(customers: list.data.count, next: list.next)
        for (customer, reading) in readings {
            switch reading {
            case .foreign: page.foreign += 1
            case .conflict(let conflict, let tenant):
                page.items.append(.conflict(conflict, customer: customer, tenant: tenant))
            case .tenant(let tenant) where doubled.contains(tenant.tenant):
                page.items.append(
                    .conflict(Self.severalCustomers(tenant), customer: customer, tenant: tenant.tenant))
            case .tenant(let tenant):
                page.items.append(try await item(of: tenant, catalogue.defaultPlan?.slug, now))
            }
        }
        return page
    }

    private func item(of imported: ImportedTenant, _ defaultPlan: String?, _ now: Int64) async throws -> ImportItem {
        do {
            if let conflict = try await taken(imported) {
                return .conflict(conflict, customer: imported.customer, tenant: imported.tenant)
            }
            let (step, old) =
                request.isApplying
                ? try await apply(imported, defaultPlan, now) : try await plan(imported, defaultPlan, now)
            return item(of: imported, step, old: old)
        } catch let problem as Problem where problem.status == 409 {
            // The record is not one that can be read, or others keep changing it.
            return .conflict(
                ImportConflict(.badRecord, problem.detail), customer: imported.customer, tenant: imported.tenant)
        }
    }

    private func item(of imported: ImportedTenant, _ step: ImportedTenant.Step, old: Tenant?) -> ImportItem {
        func item(_ state: ImportItem.State, _ tenant: Tenant?) -> ImportItem {
            ImportItem(
                customer: imported.customer, tenant: imported.tenant, subscription: imported.subscription?.id,
                plan: tenant?.plan, state: state, detail: tenant.map { Self.changes(from: old, to: $0) } ?? "")
        }
        switch step {
        case .create(let tenant): return item(request.isApplying ? .created : .create, tenant)
        case .update(let tenant): return item(request.isApplying ? .updated : .update, tenant)
        case .unchanged: return item(.unchanged, old)
        case .conflict(let conflict):
            return .conflict(conflict, customer: imported.customer, tenant: imported.tenant)
        }
    }

    /// Whether the customer that a record is to get has another tenant already.
    private func taken(_ imported: ImportedTenant) async throws -> ImportConflict? {
        guard try await context.store.tenant(imported.tenant)?.fields["customer"] == nil else { return nil }
        let others = try await context.store.tenants(customer: imported.customer).map(\.id)
        guard let other = others.filter({ $0 != imported.tenant }).min() else { return nil }
        return ImportConflict(
            .severalTenants,
            "\(imported.customer) is the customer of the tenant \(other) already: at Stripe the hours of one would "
                + "replace the other's, so that each needs a customer of its own")
    }

    private func plan(
        _ imported: ImportedTenant, _ defaultPlan: String?, _ now: Int64
    ) async throws -> (ImportedTenant.Step, old: Tenant?) {
        let stored = try await context.store.tenant(imported.tenant)
        let old: Tenant?
        do throws(TenantRecordError) {
            old = try stored.map { (record) throws(TenantRecordError) in try ControlContext.tenant(record) }
        } catch {
            throw Problem.conflict("the stored record cannot be read: \(error)", code: "bad_record")
        }
        return (imported.applied(to: old, defaultPlan: defaultPlan, at: now), old)
    }

    private func apply(
        _ imported: ImportedTenant, _ defaultPlan: String?, _ now: Int64
    ) async throws -> (ImportedTenant.Step, old: Tenant?) {
        var result: (ImportedTenant.Step, old: Tenant?) = (.unchanged, nil)
        let cause = TenantEditor.Cause(action: "tenant.import", actor: actor, reason: request.reason)
        _ = try await TenantEditor(context: context).change(imported.tenant, cause) { old in
            // Planned again with what is there at the instant of writing.
            result = (imported.applied(to: old, defaultPlan: defaultPlan, at: now), old)
            switch result.0 {
            case .create(let tenant), .update(let tenant): return tenant
            case .unchanged, .conflict: return nil
            }
        }
        return result
    }

    private static func severalCustomers(_ imported: ImportedTenant) -> ImportConflict {
        ImportConflict(
            .severalCustomers,
            "several customers, \(imported.customer) among them, are named for \(imported.tenant): correct the "
                + "metadata at Stripe or the mapping file, so that one is left")
    }

    /// The fields that change, as `plan free > starter`.
    private static func changes(from old: Tenant?, to new: Tenant) -> String {
        guard let old else { return "" }
        let (before, after) = (old.fields, new.fields)
        return Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }
            .map { "\($0) \(before[$0] ?? "none") > \(after[$0] ?? "none")" }.joined(separator: ", ")
    }
}
