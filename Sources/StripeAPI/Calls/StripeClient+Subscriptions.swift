extension StripeClient {
    /// One subscription with all its items (`GET /v1/subscriptions/{id}`).
    ///
    /// - Parameters:
    ///   - id: `sub_…`.
    ///   - isForUsageRecords: asks with the version that usage records are sent with, which is the only one that
    ///     surely shows items whose price has no meter.
    public func subscription(
        _ id: String, isForUsageRecords: Bool = false
    ) async throws(StripeError) -> StripeSubscription {
        let call = Call(endpoint: .retrieveSubscription, id: id, isForUsageRecords: isForUsageRecords)
        let subscription = try await perform(call, as: StripeSubscription.self)
        return try await completed(subscription, isForUsageRecords: isForUsageRecords)
    }

    /// A hundred subscriptions with all their items, the newest first (`GET /v1/subscriptions`).
    ///
    /// - Parameters:
    ///   - after: the `next` of the page before.
    ///   - status: one status, `all`, or nil for those that are not over.
    public func subscriptionPage(
        after: String? = nil, status: String? = nil
    ) async throws(StripeError) -> StripePage<StripeSubscription> {
        var filter = Form()
        if let status { filter.append("status", .text(status)) }
        let page = try await page(.listSubscriptions, filter: filter, after: after, of: StripeSubscription.self)
        var data: [StripeSubscription] = []
        for subscription in page.data {
            data.append(try await completed(subscription, isForUsageRecords: false))
        }
        return StripePage(data: data, next: page.next)
    }

    /// A hundred customers, the newest first (`GET /v1/customers`). `after` is the `next` of the page before.
    public func customerPage(after: String? = nil) async throws(StripeError) -> StripePage<StripeCustomer> {
        try await page(.listCustomers, filter: Form(), after: after, of: StripeCustomer.self)
    }

    /// Reads the items that Stripe left out of a subscription with many.
    private func completed(
        _ subscription: StripeSubscription, isForUsageRecords: Bool
    ) async throws(StripeError) -> StripeSubscription {
        guard subscription.hasMoreItems else { return subscription }
        let items = try await listAll(
            .listSubscriptionItems, filter: Form(["subscription": .text(subscription.id)]),
            of: StripeSubscription.Item.self, isForUsageRecords: isForUsageRecords)
        var whole = subscription
        whole.items = items.map {
            $0.inPeriod(start: subscription.periodStart, end: subscription.periodEnd)
        }
        return whole
    }
}
