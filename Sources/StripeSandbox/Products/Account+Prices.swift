/// `/v1/prices`.
extension Account {
    func createPrice(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let currency = try arguments.required("currency").lowercased()
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x61...0x7a).contains($0) }) else {
            throw .invalid("Invalid currency: \(currency).", param: "currency")
        }
        let amount = try Price.amount(arguments)
        let recurring = try arguments.object("recurring").map { arguments throws(APIError) in
            try self.recurring(arguments, version)
        }
        let holder = try holder(ofLookupKey: arguments.text("lookup_key"), besides: nil, arguments)
        let metadata = try Metadata.merged([:], arguments)
        let product = try product(of: arguments)
        if let holder { state.prices.store(holder) }
        let price = Price(
            id: Price.newID(), created: now, product: product, currency: currency, unitAmount: amount,
            recurring: recurring, taxBehavior: arguments.text("tax_behavior") ?? "unspecified",
            isActive: arguments["active"] != .boolean(false), nickname: arguments.text("nickname"),
            lookupKey: arguments.text("lookup_key"), metadata: metadata)
        state.prices.store(price)
        emit("price.created") { price.body(in: $0) }
        return price.body(in: version)
    }

    func updatePrice(_ id: String, _ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let old = try state.prices.price(id)
        var price = old
        price.metadata = try Metadata.merged(price.metadata, arguments)
        price.isActive = arguments["active"].map { $0 == .boolean(true) } ?? price.isActive
        if let nickname = arguments["nickname"] { price.nickname = nickname.text }
        if let key = arguments.text("lookup_key") {
            if let holder = try holder(ofLookupKey: key, besides: id, arguments) { state.prices.store(holder) }
            price.lookupKey = key
        }
        state.prices.store(price)
        emit("price.updated", before: { old.body(in: $0) }, after: { [price] in price.body(in: $0) })
        return price.body(in: version)
    }

    func listPrices(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let keys = arguments["lookup_keys"]?.list
        let recurring = arguments.object("recurring")
        return try Page.cut(
            state.prices.newestFirst, arguments, url: "/v1/prices", noun: "price", id: \.id,
            isIncluded: { price in
                arguments["active"].map { $0 == .boolean(price.isActive) } ?? true
                    && arguments.text("currency").map { $0 == price.currency } ?? true
                    && arguments.text("product").map { $0 == price.product } ?? true
                    && arguments.text("type").map { ($0 == "recurring") == (price.recurring != nil) } ?? true
                    && keys.map { $0.contains(.optional(price.lookupKey)) } ?? true
                    && recurring?.text("interval").map { $0 == price.recurring?.interval.rawValue } ?? true
                    && recurring?.text("meter").map { $0 == price.recurring?.meter } ?? true
                    && recurring?.text("usage_type").map { $0 == price.recurring?.usageType.rawValue } ?? true
            }, body: { $0.body(in: version) })
    }

    /// How a new price recurs. A metered price has a meter, or, in acacia only, usage records: "metered prices without
    /// a meter" were removed with 2025-03-31.basil
    /// (docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
    private func recurring(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> Price.Recurring {
        let usage = arguments.text("usage_type").flatMap(Price.UsageType.init) ?? .licensed
        let meter = arguments.text("meter")
        var aggregate = arguments.text("aggregate_usage").flatMap(Price.AggregateUsage.init)
        if usage == .licensed, meter != nil || aggregate != nil {
            let param = meter == nil ? "recurring[aggregate_usage]" : "recurring[meter]"
            throw .invalid("\(param) can only be used with recurring[usage_type]=metered.", param: param)
        }
        if let meter {
            guard aggregate == nil else {
                throw .invalid(
                    "A price with a meter adds up as its meter does and has no recurring[aggregate_usage].",
                    param: "recurring[aggregate_usage]")
            }
            guard let known = try? state.meters.meter(meter) else {
                throw .noSuch("billing meter", meter, param: "recurring[meter]", status: 400)
            }
            guard known.isActive else {
                throw .invalid("The meter \(meter) is not active.", param: "recurring[meter]")
            }
        } else if usage == .metered {
            guard version == .acacia else {
                throw .invalid(
                    "Metered prices must be backed by a meter since 2025-03-31.basil: give recurring[meter].",
                    param: "recurring[meter]")
            }
            aggregate = aggregate ?? .sum
        }
        return Price.Recurring(
            interval: arguments.text("interval").flatMap(Price.Interval.init) ?? .month,
            intervalCount: arguments.integer("interval_count") ?? 1, usageType: usage, meter: meter,
            aggregateUsage: aggregate)
    }

    /// The product a new price is for: one that exists, or a new one.
    private func product(of arguments: Arguments) throws(APIError) -> String {
        switch (arguments.text("product"), arguments.object("product_data")) {
        case (let id?, nil):
            guard state.products[id] != nil else { throw .noSuch("product", id, param: "product", status: 400) }
            return id
        case (nil, let data?):
            guard let id = try createProduct(data).object?["id"]?.text else { throw .serverFault }
            return id
        case (nil, nil):
            throw .missing("product")
        case (.some, .some):
            throw .invalid("You may only specify one of these parameters: product, product_data.", param: "product")
        }
    }

    /// The other price that has a lookup key, without it. A key belongs to one price, and `transfer_lookup_key` takes
    /// it from that one (docs.stripe.com/products-prices/manage-prices, "Lookup keys").
    private func holder(
        ofLookupKey key: String?, besides id: String?, _ arguments: Arguments
    ) throws(APIError) -> Price? {
        guard let key, var other = state.prices.newestFirst.first(where: { $0.lookupKey == key }), other.id != id
        else { return nil }
        guard arguments["transfer_lookup_key"] == .boolean(true) else {
            throw .invalid("A price (`\(other.id)`) already uses that lookup key.", param: "lookup_key")
        }
        other.lookupKey = nil
        return other
    }
}
