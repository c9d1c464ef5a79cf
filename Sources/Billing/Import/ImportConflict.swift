/// Why a customer at Stripe does not become a tenant.
public struct ImportConflict: Error, Sendable, Equatable {
    /// For programs.
    public enum Code: String, Sendable, CaseIterable {
        /// A customer with a plan's price that no metadata and no file names a tenant for.
        case noTenant = "no_tenant"
        /// What is named cannot be a tenant's id.
        case invalidTenant = "invalid_tenant"
        /// One customer is to be several tenants.
        case severalTenants = "several_tenants"
        /// Several customers are to be one tenant.
        case severalCustomers = "several_customers"
        /// The tenant has another customer.
        case otherCustomer = "other_customer"
        /// The tenant has another subscription.
        case otherSubscription = "other_subscription"
        /// Several subscriptions have a plan's price, or there are more than were read.
        case severalSubscriptions = "several_subscriptions"
        /// No price of the subscription is a plan's.
        case unknownPrice = "unknown_price"
        /// Its prices are those of several plans.
        case severalPlans = "several_plans"
        /// There is neither a subscription nor a default plan.
        case noPlan = "no_plan"
        /// A status that this release does not know.
        case unknownStatus = "unknown_status"
        /// The period cannot be one.
        case badPeriod = "bad_period"
        /// The tenant's record cannot be read.
        case badRecord = "bad_record"
    }

    /// For programs.
    public let code: Code
    /// For people: what is wrong, and what can be done.
    public let detail: String

    /// Takes its parts as they are.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
