import Billing
import StripeAPI

extension ImportedCustomer {
    /// What matters of a customer that Stripe described.
    init(_ customer: SubscribedCustomer, mapped: String?) {
        self.init(
            id: customer.id, tenant: customer.metadata[Self.metadataKey], mapped: mapped,
            subscriptions: customer.subscriptions.map { ImportedSubscription($0) }, hasMore: customer.isCut)
    }
}

extension ImportedSubscription {
    fileprivate init(_ subscription: StripeSubscription) {
        self.init(
            id: subscription.id, status: subscription.status,
            tenant: subscription.metadata[ImportedCustomer.metadataKey], anchor: subscription.billingCycleAnchor,
            items: subscription.items.map {
                Item(price: $0.priceID, periodStart: $0.periodStart ?? 0, periodEnd: $0.periodEnd ?? 0)
            })
    }
}
