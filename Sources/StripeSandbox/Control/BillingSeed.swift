import FoundationEssentials

/// The products, prices and subscriptions of a seed, with ids of the caller's choice, read strictly.
struct BillingSeed {
    struct SeededPrice {
        let id: String
        let product: String
        let currency: String
        let unitAmount: Decimal
        let interval: Price.Interval
        let intervalCount: Int
        let usageType: Price.UsageType
        /// A meter's id or its event name.
        let meter: String?
        let aggregateUsage: Price.AggregateUsage?
        let metadata: [String: String]
    }

    struct SeededSubscription {
        let id: String
        let customer: String
        let items: [(id: String?, price: String, quantity: Int?)]
        let anchor: Int?
        let status: Subscription.Status
        let metadata: [String: String]
    }

    let products: [Product]
    let prices: [SeededPrice]
    let subscriptions: [SeededSubscription]

    static let keys: Set = ["products", "prices", "subscriptions"]

    init(_ input: ControlInput) throws(ControlError) {
        var products: [Product] = []
        for item in try input.list("products") { products.append(try Self.product(item)) }
        var prices: [SeededPrice] = []
        for item in try input.list("prices") { prices.append(try Self.price(item)) }
        var subscriptions: [SeededSubscription] = []
        for item in try input.list("subscriptions") { subscriptions.append(try Self.subscription(item)) }
        self.products = products
        self.prices = prices
        self.subscriptions = subscriptions
    }

    private static func product(_ json: JSONValue) throws(ControlError) -> Product {
        let input = try ControlInput(json, allowing: ["id", "name", "metadata"])
        let id = try input.objectID("id", prefix: "prod_")
        return Product(
            id: id, created: 0, updated: 0, name: try input.optionalText("name") ?? id,
            metadata: try input.metadata())
    }

    private static func price(_ json: JSONValue) throws(ControlError) -> SeededPrice {
        let input = try ControlInput(
            json,
            allowing: [
                "id", "product", "currency", "unit_amount_decimal", "interval", "interval_count", "usage_type",
                "meter", "aggregate_usage", "metadata",
            ])
        let amount = try input.optionalText("unit_amount_decimal") ?? "1"
        guard let unitAmount = Price.amount(amount) else {
            throw ControlError("unit_amount_decimal must be a text of at most 8 digits, with up to 12 decimals")
        }
        let meter = try input.optionalText("meter")
        let aggregate = try input.choice("aggregate_usage", Price.AggregateUsage.self)
        let isMetered = meter != nil || aggregate != nil
        let usageType = try input.choice("usage_type", Price.UsageType.self) ?? (isMetered ? .metered : .licensed)
        guard usageType == .metered || !isMetered else {
            throw ControlError("meter and aggregate_usage are for usage_type metered")
        }
        guard meter == nil || aggregate == nil else {
            throw ControlError("give meter, or aggregate_usage for usage records")
        }
        let isLegacy = usageType == .metered && meter == nil
        return SeededPrice(
            id: try input.objectID("id", prefix: "price_"), product: try input.text("product"),
            currency: try input.optionalText("currency") ?? "usd", unitAmount: unitAmount,
            interval: try input.choice("interval", Price.Interval.self) ?? .month,
            intervalCount: try input.integer("interval_count", default: 1, in: 1...365), usageType: usageType,
            meter: meter, aggregateUsage: isLegacy ? aggregate ?? .sum : nil, metadata: try input.metadata())
    }

    private static func subscription(_ json: JSONValue) throws(ControlError) -> SeededSubscription {
        let input = try ControlInput(
            json, allowing: ["id", "customer", "items", "billing_cycle_anchor", "status", "metadata"])
        var items: [(id: String?, price: String, quantity: Int?)] = []
        for item in try input.list("items") {
            let input = try ControlInput(item, allowing: ["id", "price", "quantity"])
            let id = input.members["id"] == nil ? nil : try input.objectID("id", prefix: "si_")
            items.append((id, try input.text("price"), try input.integer("quantity", in: 0...999_999_999)))
        }
        guard (1...Subscription.maximumItems).contains(items.count) else {
            throw ControlError("a subscription has 1 to \(Subscription.maximumItems) items")
        }
        return SeededSubscription(
            id: try input.objectID("id", prefix: "sub_"), customer: try input.text("customer"), items: items,
            anchor: try input.integer("billing_cycle_anchor", in: 0...SandboxClock.latest),
            status: try input.choice("status", Subscription.Status.self) ?? .active, metadata: try input.metadata())
    }
}
