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

    func listCustomers(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let email = arguments["email"]
        return try Page.cut(
            state.customers.newestFirst, arguments, url: "/v1/customers", noun: "customer", id: \.id,
            isIncluded: { !$0.isDeleted && (email == nil || $0.attributes["email"] == email) }, body: \.body)
    }
}
