public import Metering

/// Reads of each customer at Stripe which tenant it is to become, and on which plan.
public struct ImportPlan: Sendable {
    /// What a customer comes to.
    public enum Reading: Sendable, Equatable {
        /// None of ours: it names no tenant and has no plan's price.
        case foreign
        /// It is to be this tenant.
        case tenant(ImportedTenant)
        /// It names a tenant, or has a plan's price, and cannot be imported as it is.
        case conflict(ImportConflict, tenant: String?)
    }

    /// Subscriptions that have ended say nothing of a plan.
    private static let ended: Set = ["canceled", "incomplete_expired"]

    private let catalogue: Catalogue
    /// The plan of each price.
    private let plans: [String: String]

    /// Against the prices of a catalogue's plans.
    public init(catalogue: Catalogue) {
        self.catalogue = catalogue
        let pairs = catalogue.plans.flatMap { plan in plan.prices.values.map { ($0, plan.slug) } }
        plans = Dictionary(pairs) { first, _ in first }
    }

    /// Reads one customer.
    public func read(_ customer: ImportedCustomer) -> Reading {
        let current = customer.subscriptions.filter { !Self.ended.contains($0.status) }
        let planned = current.filter { subscription in subscription.items.contains { plans[$0.price] != nil } }
        let named = Set([customer.mapped, customer.tenant].compactMap(\.self) + current.compactMap(\.tenant)).sorted()
        guard let tenant = named.first else {
            guard let subscription = planned.first else { return .foreign }
            return .conflict(
                ImportConflict(
                    .noTenant,
                    "\(customer.id) pays for a plan (\(subscription.id)) and names no tenant: put "
                        + "\(ImportedCustomer.metadataKey) into its metadata, or name it in a mapping file"),
                tenant: nil)
        }
        do throws(ImportConflict) {
            guard named.count == 1 else {
                throw ImportConflict(
                    .severalTenants,
                    "\(customer.id) is named for the tenants \(named.joined(separator: ", ")): at Stripe the hours of "
                        + "one would replace the other's, so that each needs a customer of its own")
            }
            guard Identifier.isTenantID(tenant) else {
                throw ImportConflict(
                    .invalidTenant,
                    "\"\(tenant)\", which \(customer.id) names, is no tenant's id: 1 to 128 bytes of A-Z a-z 0-9 . _ "
                        + ": @ -")
            }
            return .tenant(
                ImportedTenant(
                    tenant: tenant, customer: customer.id,
                    subscription: try choose(customer, current: current, planned: planned)))
        } catch {
            return .conflict(error, tenant: named.count == 1 ? tenant : nil)
        }
    }

    /// Tenants that several of these are to be.
    public static func doubled(_ readings: [Reading]) -> Set<String> {
        var seen: Set<String> = []
        var doubled: Set<String> = []
        for case .tenant(let imported) in readings where !seen.insert(imported.tenant).inserted {
            doubled.insert(imported.tenant)
        }
        return doubled
    }

    /// The subscription that says which plan it is; nil for a customer without any.
    private func choose(
        _ customer: ImportedCustomer, current: [ImportedSubscription], planned: [ImportedSubscription]
    ) throws(ImportConflict) -> ImportedTenant.Subscription? {
        guard !customer.hasMore, planned.count <= 1 else {
            let ids = planned.map(\.id).joined(separator: ", ")
            throw ImportConflict(
                .severalSubscriptions,
                "\(customer.id) has several subscriptions (\(ids.isEmpty ? "more than are read" : ids)): end all but "
                    + "one, or put the tenant by hand")
        }
        guard let subscription = planned.first else {
            guard !current.isEmpty else { return nil }
            let prices = current.flatMap(\.items).map(\.price).joined(separator: ", ")
            throw ImportConflict(
                .unknownPrice,
                "no plan of the catalogue has a price of \(current.map(\.id).joined(separator: ", ")): "
                    + "\(prices.isEmpty ? "it has none" : prices)")
        }
        let items = subscription.items.filter { plans[$0.price] != nil }
        let slugs = Set(items.compactMap { plans[$0.price] }).sorted()
        guard let item = items.first, let slug = slugs.first, slugs.count == 1 else {
            throw ImportConflict(
                .severalPlans,
                "\(subscription.id) has the prices of several plans: \(slugs.joined(separator: ", "))")
        }
        guard let status = SubscriptionStatus(rawValue: subscription.status) else {
            throw ImportConflict(
                .unknownStatus, "\(subscription.id) has the status \(subscription.status), which tollgate does not know"
            )
        }
        return ImportedTenant.Subscription(
            id: subscription.id, plan: slug, status: status, periodStart: item.periodStart,
            periodEnd: item.periodEnd, anchor: subscription.anchor)
    }
}
