import Billing

/// What became, or would become, of one customer at Stripe.
struct ImportItem {
    /// In words that programs can match on.
    enum State: String {
        /// A tenant would be made.
        case create
        /// It was made.
        case created
        /// A record would be changed.
        case update
        /// It was changed.
        case updated
        /// The record says all of it already.
        case unchanged
        /// It is for people to settle.
        case conflict
    }

    let customer: String
    var tenant: String?
    var subscription: String?
    var plan: String?
    let state: State
    /// Of a conflict, for programs.
    var code: String?
    /// Of a conflict, for people; of a change, what it changes.
    var detail = ""

    var view: JSONValue {
        .object([
            "customer": .string(customer), "tenant": .optional(tenant), "subscription": .optional(subscription),
            "plan": .optional(plan), "state": .string(state.rawValue), "code": .optional(code),
            "detail": .string(detail),
        ])
    }

    static func conflict(_ conflict: ImportConflict, customer: String, tenant: String?) -> ImportItem {
        ImportItem(
            customer: customer, tenant: tenant, state: .conflict, code: conflict.code.rawValue,
            detail: conflict.detail)
    }
}
