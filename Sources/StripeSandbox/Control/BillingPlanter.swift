/// Turns a seed's products, prices and subscriptions into objects, in copies of the account's tables: the account takes
/// them over only when all of it fits.
struct BillingPlanter {
    let now: Int
    let customers: CustomerTable
    let meters: MeterTable
    var products: ProductTable
    var prices: PriceTable
    var subscriptions: SubscriptionTable
    private(set) var created = 0

    init(_ state: AccountState, customers: CustomerTable, meters: MeterTable, now: Int) {
        self.now = now
        self.customers = customers
        self.meters = meters
        products = state.products
        prices = state.prices
        subscriptions = state.subscriptions
    }

    /// - Throws: what does not fit; nothing was changed but this copy.
    mutating func plant(_ seed: BillingSeed) throws(ControlError) {
        for product in seed.products where products[product.id] == nil {
            products.store(
                Product(id: product.id, created: now, updated: now, name: product.name, metadata: product.metadata))
            created += 1
        }
        for price in seed.prices where prices[price.id] == nil { try plant(price) }
        for subscription in seed.subscriptions where subscriptions[subscription.id] == nil { try plant(subscription) }
    }

    private mutating func plant(_ seeded: BillingSeed.SeededPrice) throws(ControlError) {
        guard products[seeded.product] != nil else {
            throw ControlError("no such product: \(seeded.product)", status: 409)
        }
        var meter: String?
        if let name = seeded.meter {
            meter = meters.active(eventName: name)?.id ?? (try? meters.meter(name))?.id
            guard meter != nil else { throw ControlError("no such meter: \(name)", status: 409) }
        }
        prices.store(
            Price(
                id: seeded.id, created: now, product: seeded.product, currency: seeded.currency,
                unitAmount: seeded.unitAmount,
                recurring: .init(
                    interval: seeded.interval, intervalCount: seeded.intervalCount, usageType: seeded.usageType,
                    meter: meter, aggregateUsage: seeded.aggregateUsage),
                taxBehavior: "unspecified", metadata: seeded.metadata))
        created += 1
    }

    /// The subscription is put into the period that now is in, whatever its anchor.
    private mutating func plant(_ seeded: BillingSeed.SeededSubscription) throws(ControlError) {
        guard customers.living(seeded.customer) != nil else {
            throw ControlError("no such customer: \(seeded.customer)", status: 409)
        }
        let anchor = seeded.anchor ?? now
        var items: [SubscriptionItem] = []
        var currency = ""
        for item in seeded.items {
            guard let price = prices[item.price], let recurring = price.recurring else {
                throw ControlError("no such recurring price: \(item.price)", status: 409)
            }
            do throws(APIError) {
                // As acacia does: a seed may have legacy prices.
                let others = items.compactMap { prices[$0.price] }
                try NewItem.check(price, param: "items", others: others, .acacia)
            } catch {
                throw ControlError(error.message, status: 409)
            }
            let id = item.id ?? SubscriptionItem.newID()
            guard subscriptions.item(id) == nil, !items.contains(where: { $0.id == id }) else {
                throw ControlError("the item \(id) is there already", status: 409)
            }
            currency = price.currency
            items.append(
                SubscriptionItem(
                    id: id, created: now, price: price.id, quantity: price.isMetered ? nil : item.quantity ?? 1,
                    period: BillingCycle(anchor: anchor, recurring).period(containing: now)))
        }
        let isCanceled = seeded.status == .canceled
        subscriptions.store(
            Subscription(
                id: seeded.id, created: now, customer: seeded.customer, currency: currency,
                billingCycleAnchor: anchor, status: seeded.status, items: items, metadata: seeded.metadata,
                canceledAt: isCanceled ? now : nil, endedAt: isCanceled ? now : nil))
        created += 1
    }
}
