/// What a route about products, subscriptions, invoices, events or webhook endpoints does.
enum BillingOperation: Sendable {
    case createProduct, retrieveProduct, updateProduct, listProducts
    case createPrice, retrievePrice, updatePrice, listPrices
    case createSubscription, retrieveSubscription, updateSubscription, cancelSubscription, listSubscriptions
    case retrieveSubscriptionItem, listSubscriptionItems
    case retrieveInvoice, listInvoices, finalizeInvoice, payInvoice
    case retrieveEvent, listEvents
    case createWebhookEndpoint, retrieveWebhookEndpoint, updateWebhookEndpoint, deleteWebhookEndpoint
    case listWebhookEndpoints
}
