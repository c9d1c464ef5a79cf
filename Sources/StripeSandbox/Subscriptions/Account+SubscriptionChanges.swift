import FoundationEssentials

/// `/v1/subscriptions/{id}`: update and cancel.
extension Account {
    func updateSubscription(
        _ id: String, _ arguments: Arguments, _ version: APIVersion
    ) throws(APIError) -> JSONValue {
        let old = try changeable(id)
        var subscription = old
        subscription.metadata = try Metadata.merged(old.metadata, arguments)
        if let description = arguments["description"] { subscription.description = description.text }
        if let details = arguments["cancellation_details"]?.object {
            subscription.cancellation.merge(details) { _, new in new }
        }
        if let flag = arguments["cancel_at_period_end"] {
            subscription.setCancelAtPeriodEnd(flag == .boolean(true), now)
        }
        for (index, item) in (arguments["items"]?.list ?? []).enumerated() {
            try change(
                &subscription, Arguments(members: item.object ?? [:]), param: "items[\(index)]",
                isProrated: arguments.text("proration_behavior") != "none", version)
        }
        guard !subscription.items.isEmpty else {
            throw .invalid("A subscription must have at least one active price.", param: "items")
        }
        let anchor = arguments.text("billing_cycle_anchor") ?? arguments.object("billing_cycle_anchor")?.text("type")
        let invoice =
            anchor == "now"
            ? try restart(&subscription, isProrated: arguments.text("proration_behavior") != "none") : nil
        store(subscription, changedFrom: old)
        if let invoice { open(invoice) }
        return body(of: subscription, in: version)
    }

    /// Begins a new period at once, counted from now: what was used is invoiced, and at once
    /// (docs.stripe.com/billing/subscriptions/billing-cycle, "Reset the billing cycle to now").
    private func restart(_ subscription: inout Subscription, isProrated: Bool) throws(APIError) -> Invoice {
        if subscription.items.contains(where: { state.prices[$0.price]?.isMetered == false }) {
            try refuseProration(isProrated)
        }
        subscription.billingCycleAnchor = now
        let invoice = beginPeriod(of: &subscription, at: now, reason: .subscriptionUpdate, finalizesAt: now)
        if subscription.isCancelledAtPeriodEnd { subscription.cancelAt = subscription.items.first?.period.upperBound }
        return invoice
    }

    /// Ends a subscription at once. Its metered usage is billed only with `invoice_now`
    /// (docs.stripe.com/api/subscriptions/cancel).
    func cancelSubscription(
        _ id: String, _ arguments: Arguments, _ version: APIVersion
    ) throws(APIError) -> JSONValue {
        guard arguments["prorate"] != .boolean(true) else {
            throw .invalid("The sandbox does not support the value true of prorate yet.", param: "prorate")
        }
        var subscription = try changeable(id)
        if let details = arguments["cancellation_details"]?.object {
            subscription.cancellation.merge(details) { _, new in new }
        }
        let invoice =
            arguments["invoice_now"] == .boolean(true)
            ? lastInvoice(of: subscription, at: now, finalizesAt: now) : nil
        end(&subscription, at: now, invoice: invoice)
        return body(of: subscription, in: version)
    }

    /// Ends a subscription, with its last invoice if it has one, and tells of it.
    func end(_ subscription: inout Subscription, at: Int, invoice: Invoice?) {
        subscription.status = .canceled
        subscription.endedAt = at
        subscription.canceledAt = subscription.canceledAt ?? at
        subscription.cancellation["reason"] = .text("cancellation_requested")
        subscription.latestInvoice = invoice?.id ?? subscription.latestInvoice
        store(subscription)
        emit("customer.subscription.deleted", at: at) { [self, subscription] in body(of: subscription, in: $0) }
        if let invoice { open(invoice) }
    }

    /// A subscription that has not ended: one that has can be read, and no more.
    private func changeable(_ id: String) throws(APIError) -> Subscription {
        let subscription = try state.subscriptions.subscription(id)
        guard !subscription.hasEnded else { throw .noSuch("subscription", id, param: "id", status: 404) }
        return subscription
    }

    /// One element of `items`: a new item, a changed one, or one to remove.
    private func change(
        _ subscription: inout Subscription, _ arguments: Arguments, param: String, isProrated: Bool,
        _ version: APIVersion
    ) throws(APIError) {
        guard let id = arguments.text("id") else {
            let others = subscription.items.compactMap { state.prices[$0.price] }
            let new = try NewItem(arguments, param: param, others: others, state.prices, version)
            if !new.price.isMetered { try refuseProration(isProrated) }
            guard let period = subscription.items.first?.period, subscription.items.count < Subscription.maximumItems
            else { throw .invalid("A subscription can have at most 20 items.", param: "items") }
            subscription.items.append(
                SubscriptionItem(
                    id: SubscriptionItem.newID(), created: now, price: new.price.id, quantity: new.quantity,
                    metadata: new.metadata, period: period))
            return
        }
        guard let index = subscription.items.firstIndex(where: { $0.id == id }) else {
            throw .noSuch("subscription_item", id, param: "\(param)[id]", status: 400)
        }
        if arguments["deleted"] == .boolean(true) {
            let item = subscription.items.remove(at: index)
            return try checkRemoval(of: item, arguments, param: param, isProrated: isProrated)
        }
        var item = subscription.items[index]
        item.metadata = try Metadata.merged(item.metadata, arguments)
        var price = state.prices[item.price]
        if let id = arguments.text("price"), id != item.price {
            guard let wanted = state.prices[id] else {
                throw .noSuch("price", id, param: "\(param)[price]", status: 400)
            }
            let others = subscription.items.filter { $0.id != item.id }.compactMap { state.prices[$0.price] }
            try NewItem.check(wanted, param: "\(param)[price]", others: others, version)
            price = wanted
        }
        guard let price else { throw .serverFault }
        let quantity =
            arguments.integer("quantity") == nil && !price.isMetered
            ? item.quantity ?? 1 : try NewItem.quantity(arguments, price, param: param)
        if quantity != item.quantity || (price.id != item.price && !price.isMetered) { try refuseProration(isProrated) }
        item.price = price.id
        item.quantity = quantity
        subscription.items[index] = item
    }

    private func refuseProration(_ isProrated: Bool) throws(APIError) {
        guard isProrated else { return }
        throw .invalid(
            "The sandbox does not support prorations of changed items yet; send proration_behavior=none.",
            param: "proration_behavior")
    }

    /// Usage records would be lost with their item, so `clear_usage` must say so
    /// (docs.stripe.com/api/subscription_items/delete, "clear_usage").
    private func checkRemoval(
        of item: SubscriptionItem, _ arguments: Arguments, param: String, isProrated: Bool
    ) throws(APIError) {
        guard let price = state.prices[item.price] else { throw .serverFault }
        guard price.isMetered else { return try refuseProration(isProrated) }
        guard price.isLegacyMetered, let aggregate = price.recurring?.aggregateUsage,
            arguments["clear_usage"] != .boolean(true), legacyUsage(of: item, aggregate, in: item.period) != 0
        else { return }
        throw .invalid(
            "The subscription item \(item.id) has usage records. Send clear_usage=true to remove it with them.",
            param: "\(param)[clear_usage]")
    }
}

extension Subscription {
    /// Sets or takes back the cancellation at the end of the current period.
    fileprivate mutating func setCancelAtPeriodEnd(_ flag: Bool, _ now: Int) {
        guard flag != isCancelledAtPeriodEnd else { return }
        isCancelledAtPeriodEnd = flag
        cancelAt = flag ? items.first?.period.upperBound : nil
        canceledAt = flag ? now : nil
        cancellation["reason"] = flag ? .text("cancellation_requested") : nil
    }
}
