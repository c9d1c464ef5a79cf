/// `/v1/customers`.
extension Account {
    func createCustomer(_ arguments: Arguments) throws(APIError) -> JSONValue {
        var customer = Customer(id: Customer.newID(), created: now)
        try customer.apply(arguments)
        state.customers.store(customer)
        emit("customer.created") { [customer] _ in customer.body }
        return customer.body
    }

    /// A deleted customer is still found, as Stripe has it; its body says so.
    func retrieveCustomer(_ id: String) throws(APIError) -> JSONValue {
        guard let customer = state.customers[id] else {
            throw .noSuch("customer", id, param: "id", status: 404)
        }
        return customer.body
    }

    func updateCustomer(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        let old = try state.customers.changeable(id)
        var customer = old
        try customer.apply(arguments)
        state.customers.store(customer)
        emit("customer.updated", before: { _ in old.body }, after: { [customer] _ in customer.body })
        return customer.body
    }

    func deleteCustomer(_ id: String) throws(APIError) -> JSONValue {
        let old = try state.customers.changeable(id)
        // "Also immediately cancels any active subscriptions" (docs.stripe.com/api/customers/delete).
        for var subscription in state.subscriptions.newestFirst where subscription.customer == id {
            if !subscription.hasEnded { end(&subscription, at: now, invoice: nil) }
        }
        var customer = old
        customer.isDeleted = true
        customer.attributes = [:]
        customer.metadata = [:]
        state.customers.store(customer)
        emit("customer.deleted") { _ in old.body }
        return customer.body
    }

    /// What `expand[]` of a list of customers may name.
    static let subscriptionsOfCustomers = "data.subscriptions"

    func listCustomers(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let email = arguments["email"]
        let isExpanded = arguments["expand"]?.list?.contains(.text(Self.subscriptionsOfCustomers)) ?? false
        return try Page.cut(
            state.customers.newestFirst, arguments, url: "/v1/customers", noun: "customer", id: \.id,
            isIncluded: { !$0.isDeleted && (email == nil || $0.attributes["email"] == email) },
            body: { isExpanded ? expanded($0, version) : $0.body })
    }

    /// A customer with its current subscriptions, which are left out of its body unless they are asked for: ten of
    /// them, as of any list within an object (docs.stripe.com/api/customers/object, "subscriptions").
    private func expanded(_ customer: Customer, _ version: APIVersion) -> JSONValue {
        let current = state.subscriptions.newestFirst.filter { $0.customer == customer.id && !$0.hasEnded }
        guard var members = customer.body.object else { return customer.body }
        members["subscriptions"] = .object([
            "object": .text("list"), "url": .text("/v1/customers/\(customer.id)/subscriptions"),
            "has_more": .boolean(current.count > 10), "total_count": .integer(current.count),
            "data": .list(current.prefix(10).map { body(of: $0, in: version) }),
        ])
        return .object(members)
    }
}
