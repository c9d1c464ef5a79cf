/// `/v1/subscriptions`: create, retrieve, list.
extension Account {
    func createSubscription(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let customer = try arguments.required("customer")
        guard state.customers.living(customer) != nil else {
            throw .noSuch("customer", customer, param: "customer", status: 400)
        }
        var new: [NewItem] = []
        for (index, item) in (arguments["items"]?.list ?? []).enumerated() {
            new.append(
                try NewItem(
                    Arguments(members: item.object ?? [:]), param: "items[\(index)]", others: new.map(\.price),
                    state.prices, version))
        }
        guard let first = new.first?.price, let recurring = first.recurring else { throw .missing("items") }
        if let currency = arguments.text("currency"), currency.lowercased() != first.currency {
            throw .invalid("The price \(first.id) is not in the currency \(currency).", param: "currency")
        }
        let anchor = try anchor(arguments, recurring)
        let full = BillingCycle(anchor: anchor, recurring).period(containing: now)
        let period = max(full.lowerBound, now)..<full.upperBound
        var subscription = Subscription(
            id: Subscription.newID(), created: now, customer: customer, currency: first.currency,
            billingCycleAnchor: anchor,
            items: new.map {
                SubscriptionItem(
                    id: SubscriptionItem.newID(), created: now, price: $0.price.id, quantity: $0.quantity,
                    metadata: $0.metadata, period: period)
            },
            metadata: try Metadata.merged([:], arguments), description: arguments.text("description"))
        subscription.isCancelledAtPeriodEnd = arguments["cancel_at_period_end"] == .boolean(true)
        if subscription.isCancelledAtPeriodEnd { subscription.cancelAt = period.upperBound }
        let isProrated = arguments.text("proration_behavior") != "none"
        let invoice = firstInvoice(of: subscription, full: full, isProrated: isProrated)
        subscription.latestInvoice = invoice.id
        store(subscription)
        emit("customer.subscription.created") { [self, subscription] in body(of: subscription, in: $0) }
        open(invoice)
        return body(of: subscription, in: version)
    }

    /// Where the periods are counted from: now, or a time ahead of at most one interval
    /// (docs.stripe.com/api/subscriptions/create, "billing_cycle_anchor").
    private func anchor(_ arguments: Arguments, _ recurring: Price.Recurring) throws(APIError) -> Int {
        guard let anchor = arguments.integer("billing_cycle_anchor") else { return now }
        guard anchor >= now else {
            throw .invalid("billing_cycle_anchor must be in the future.", param: "billing_cycle_anchor")
        }
        let natural = BillingCycle(anchor: now, recurring).boundary(1)
        guard anchor <= natural else {
            throw .invalid(
                "billing_cycle_anchor cannot be later than next natural billing date (\(natural)) for plan.",
                param: "billing_cycle_anchor")
        }
        return anchor
    }

    func retrieveSubscription(_ id: String, _ version: APIVersion) throws(APIError) -> JSONValue {
        body(of: try state.subscriptions.subscription(id), in: version)
    }

    /// Canceled ones are listed only when they are asked for (docs.stripe.com/api/subscriptions/list, "status").
    func listSubscriptions(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let status = arguments.text("status")
        let customer = arguments.text("customer")
        let price = arguments.text("price")
        return try Page.cut(
            state.subscriptions.newestFirst, arguments, url: "/v1/subscriptions", noun: "subscription", id: \.id,
            isIncluded: { subscription in
                let isOfStatus =
                    switch status {
                    case nil: subscription.status != .canceled
                    case "all": true
                    case "ended": subscription.hasEnded
                    default: subscription.status.rawValue == status
                    }
                return isOfStatus && customer.map { $0 == subscription.customer } ?? true
                    && price.map { id in subscription.items.contains { $0.price == id } } ?? true
                    && arguments.text("collection_method") != "send_invoice"
            }, body: { body(of: $0, in: version) })
    }

    func retrieveSubscriptionItem(_ id: String, _ version: APIVersion) throws(APIError) -> JSONValue {
        guard let (item, subscription) = state.subscriptions.item(id) else {
            throw .noSuch("subscription_item", id, param: "item", status: 404)
        }
        return item.body(in: version, of: subscription.id, state.prices)
    }

    func listSubscriptionItems(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let id = try arguments.required("subscription")
        guard let subscription = state.subscriptions[id] else {
            throw .noSuch("subscription", id, param: "subscription", status: 400)
        }
        return try Page.cut(
            subscription.items.reversed(), arguments, url: "/v1/subscription_items", noun: "subscription item",
            id: \.id, body: { $0.body(in: version, of: id, state.prices) })
    }

    func body(of subscription: Subscription, in version: APIVersion) -> JSONValue {
        subscription.body(in: version, state.prices)
    }

    func store(_ subscription: Subscription) {
        state.subscriptions.store(subscription)
        noteDue(at: subscription.items.first?.period.upperBound)
    }

    /// Stores a changed subscription and tells what changed.
    func store(_ subscription: Subscription, changedFrom old: Subscription, at: Int? = nil) {
        store(subscription)
        emit(
            "customer.subscription.updated", at: at, before: { [self] in body(of: old, in: $0) },
            after: { [self] in body(of: subscription, in: $0) })
    }
}

extension BillingCycle {
    init(anchor: Int, _ recurring: Price.Recurring) {
        self.init(anchor: anchor, interval: recurring.interval, count: recurring.intervalCount)
    }
}
