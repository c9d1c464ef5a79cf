/// From a billing route to the method that serves it.
extension Account {
    func run(_ operation: BillingOperation, _ call: Call, _ arguments: Arguments) throws(APIError) -> JSONValue {
        let (id, version) = (call.id, call.version)
        switch operation {
        case .createProduct: return try createProduct(arguments)
        case .retrieveProduct: return try state.products.product(id).body
        case .updateProduct: return try updateProduct(id, arguments)
        case .listProducts: return try listProducts(arguments)
        case .createPrice: return try createPrice(arguments, version)
        case .retrievePrice: return try state.prices.price(id).body(in: version)
        case .updatePrice: return try updatePrice(id, arguments, version)
        case .listPrices: return try listPrices(arguments, version)
        case .createSubscription: return try createSubscription(arguments, version)
        case .retrieveSubscription: return try retrieveSubscription(id, version)
        case .updateSubscription: return try updateSubscription(id, arguments, version)
        case .cancelSubscription: return try cancelSubscription(id, arguments, version)
        case .listSubscriptions: return try listSubscriptions(arguments, version)
        case .retrieveSubscriptionItem: return try retrieveSubscriptionItem(id, version)
        case .listSubscriptionItems: return try listSubscriptionItems(arguments, version)
        case .retrieveInvoice: return try retrieveInvoice(id, version)
        case .listInvoices: return try listInvoices(arguments, version)
        case .finalizeInvoice: return try finalizeInvoice(id, arguments, version)
        case .payInvoice: return try payInvoice(id, version)
        case .retrieveEvent: return try retrieveEvent(id)
        case .listEvents: return try listEvents(arguments)
        case .createWebhookEndpoint: return try createWebhookEndpoint(arguments)
        case .retrieveWebhookEndpoint: return try retrieveWebhookEndpoint(id)
        case .updateWebhookEndpoint: return try updateWebhookEndpoint(id, arguments)
        case .deleteWebhookEndpoint: return try deleteWebhookEndpoint(id)
        case .listWebhookEndpoints: return try listWebhookEndpoints(arguments)
        }
    }
}
