/// The customers of the account, deleted ones included, in the order they were created.
struct CustomerTable: Codable, Sendable {
    private var byID: [String: Customer] = [:]
    private var order: [String] = []

    /// All of them, newest first.
    var newestFirst: [Customer] { order.reversed().compactMap { byID[$0] } }

    subscript(id: String) -> Customer? { byID[id] }

    /// A customer that exists and is not deleted.
    func living(_ id: String) -> Customer? {
        guard let customer = byID[id], !customer.isDeleted else { return nil }
        return customer
    }

    /// Stores a new customer or a changed one.
    mutating func store(_ customer: Customer) {
        if byID.updateValue(customer, forKey: customer.id) == nil { order.append(customer.id) }
    }

    /// A customer to change.
    func changeable(_ id: String) throws(APIError) -> Customer {
        guard let customer = living(id) else { throw .noSuch("customer", id, param: "id", status: 404) }
        return customer
    }
}
