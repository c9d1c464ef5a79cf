/// `/v1/customers`.
extension Account {
    func createCustomer(_ arguments: Arguments) throws(APIError) -> JSONValue {
        var customer = Customer(id: Customer.newID(), created: now)
        try customer.apply(arguments)
        state.customers.store(customer)
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
        var customer = try state.customers.changeable(id)
        try customer.apply(arguments)
        state.customers.store(customer)
        return customer.body
    }

    func deleteCustomer(_ id: String) throws(APIError) -> JSONValue {
        var customer = try state.customers.changeable(id)
        customer.isDeleted = true
        customer.attributes = [:]
        customer.metadata = [:]
        state.customers.store(customer)
        return customer.body
    }

    func listCustomers(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let email = arguments["email"]
        return try Page.cut(
            state.customers.newestFirst, arguments, url: "/v1/customers", noun: "customer", id: \.id,
            isIncluded: { !$0.isDeleted && (email == nil || $0.attributes["email"] == email) }, body: \.body)
    }
}
