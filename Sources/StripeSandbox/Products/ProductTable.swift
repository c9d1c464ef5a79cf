/// The products of the account in the order they were created.
struct ProductTable: Codable, Sendable {
    private var byID: [String: Product] = [:]
    private var order: [String] = []

    /// All of them, newest first.
    var newestFirst: [Product] { order.reversed().compactMap { byID[$0] } }

    subscript(id: String) -> Product? { byID[id] }

    /// Stores a new product or a changed one.
    mutating func store(_ product: Product) {
        if byID.updateValue(product, forKey: product.id) == nil { order.append(product.id) }
    }

    func product(_ id: String) throws(APIError) -> Product {
        guard let product = byID[id] else { throw .noSuch("product", id, param: "id", status: 404) }
        return product
    }
}
