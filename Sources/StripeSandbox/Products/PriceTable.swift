/// The prices of the account in the order they were created.
struct PriceTable: Codable, Sendable {
    private var byID: [String: Price] = [:]
    private var order: [String] = []

    /// All of them, newest first.
    var newestFirst: [Price] { order.reversed().compactMap { byID[$0] } }

    subscript(id: String) -> Price? { byID[id] }

    /// Stores a new price or a changed one.
    mutating func store(_ price: Price) {
        if byID.updateValue(price, forKey: price.id) == nil { order.append(price.id) }
    }

    func price(_ id: String) throws(APIError) -> Price {
        guard let price = byID[id] else { throw .noSuch("price", id, param: "price", status: 404) }
        return price
    }
}
