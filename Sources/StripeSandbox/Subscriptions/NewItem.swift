/// An item as a request asks for it, checked against its price and against the other items.
struct NewItem {
    let price: Price
    let quantity: Int?
    let metadata: [String: String]

    /// - Parameters:
    ///   - others: the prices of the subscription's other items.
    ///   - param: the item in the request, e.g. `items[0]`.
    /// - Throws: 400 when there is no such price, or the subscription may not have it.
    init(
        _ arguments: Arguments, param: String, others: [Price], _ prices: PriceTable, _ version: APIVersion
    ) throws(APIError) {
        guard let id = arguments.text("price") else { throw .missing("\(param)[price]") }
        guard let price = prices[id] else { throw .noSuch("price", id, param: "\(param)[price]", status: 400) }
        try Self.check(price, param: "\(param)[price]", others: others, version)
        self.price = price
        quantity = try Self.quantity(arguments, price, param: param)
        metadata = try Metadata.merged([:], arguments)
    }

    /// Whether a subscription with those other prices may have a price.
    static func check(
        _ price: Price, param: String, others: [Price], _ version: APIVersion
    ) throws(APIError) {
        guard price.isActive else {
            throw .invalid("The price specified is inactive. This field only accepts active prices.", param: param)
        }
        guard let recurring = price.recurring else {
            throw .invalid("The price specified is set to `type=one_time`; expected `recurring`.", param: param)
        }
        // Prices made before basil cannot be attached by it
        // (docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
        guard version == .acacia || !price.isLegacyMetered else {
            throw .invalid(
                "The price \(price.id) is a legacy metered price: since 2025-03-31.basil it would need a meter.",
                param: param)
        }
        guard let other = others.first else { return }
        guard !others.contains(where: { $0.id == price.id }) else {
            throw .invalid(
                "Cannot add multiple subscription items with the same price: \(price.id).", param: param)
        }
        guard other.currency == price.currency else {
            throw .invalid("All prices on a subscription must have the same `currency`.", param: param)
        }
        let isSame =
            other.recurring?.interval == recurring.interval
            && other.recurring?.intervalCount == recurring.intervalCount
        guard isSame else {
            throw .invalid(
                "All prices on a subscription must have the same `recurring.interval` and"
                    + " `recurring.interval_count`.", param: param)
        }
    }

    /// A licensed price has a quantity, 1 unless it is given; a metered one has none.
    static func quantity(_ arguments: Arguments, _ price: Price, param: String) throws(APIError) -> Int? {
        let quantity = arguments.integer("quantity")
        guard price.isMetered else { return quantity ?? 1 }
        guard quantity == nil else {
            throw .invalid("You cannot set the quantity for metered prices.", param: "\(param)[quantity]")
        }
        return nil
    }
}
