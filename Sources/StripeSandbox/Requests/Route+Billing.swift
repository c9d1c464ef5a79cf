/// The routes about products, subscriptions, invoices, events and webhook endpoints.
extension Route {
    private static let expanding: [Parameter] = [.optional("expand", .list(.text(), maximum: 20))]

    static let billing: [Route] =
        products + subscriptions + invoices + events

    private static let products: [Route] = [
        route("POST", "products", .createProduct, Product.createParameters),
        route(
            "GET", "products", .listProducts,
            Page.parameters + expanding + [
                .optional("active", .boolean), .optional("ids", .list(.text(), maximum: 100)),
            ] + Parameter.unsupported(["created", "shippable", "type", "url"])),
        route("GET", "products/{id}", .retrieveProduct, expanding),
        route("POST", "products/{id}", .updateProduct, Product.updateParameters),
        route("POST", "prices", .createPrice, Price.createParameters),
        route("GET", "prices", .listPrices, Price.listParameters),
        route("GET", "prices/{id}", .retrievePrice, expanding),
        route("POST", "prices/{id}", .updatePrice, Price.updateParameters),
    ]

    private static let subscriptions: [Route] = [
        route("POST", "subscriptions", .createSubscription, Subscription.createParameters),
        route("GET", "subscriptions", .listSubscriptions, Subscription.listParameters),
        route("GET", "subscriptions/{id}", .retrieveSubscription, expanding),
        route("POST", "subscriptions/{id}", .updateSubscription, Subscription.updateParameters),
        route("DELETE", "subscriptions/{id}", .cancelSubscription, Subscription.cancelParameters),
        route(
            "GET", "subscription_items", .listSubscriptionItems,
            Page.parameters + expanding + [.required("subscription", .text())]),
        route("GET", "subscription_items/{id}", .retrieveSubscriptionItem, expanding),
    ]

    private static let invoices: [Route] = [
        route("GET", "invoices", .listInvoices, Account.invoiceListParameters),
        route("GET", "invoices/{id}", .retrieveInvoice, expanding),
        route(
            "POST", "invoices/{id}/finalize", .finalizeInvoice, expanding + [.optional("auto_advance", .boolean)]),
        route(
            "POST", "invoices/{id}/pay", .payInvoice,
            expanding
                + Parameter.unsupported([
                    "forgive", "mandate", "off_session", "paid_out_of_band", "payment_method", "source",
                ])),
    ]

    private static let events: [Route] = [
        route("GET", "events", .listEvents, Account.eventListParameters),
        route("GET", "events/{id}", .retrieveEvent, expanding),
        route("POST", "webhook_endpoints", .createWebhookEndpoint, Account.endpointCreateParameters),
        route("GET", "webhook_endpoints", .listWebhookEndpoints, Page.parameters + expanding),
        route("GET", "webhook_endpoints/{id}", .retrieveWebhookEndpoint, expanding),
        route("POST", "webhook_endpoints/{id}", .updateWebhookEndpoint, Account.endpointUpdateParameters),
        route("DELETE", "webhook_endpoints/{id}", .deleteWebhookEndpoint, []),
    ]

    private static func route(
        _ method: String, _ path: String, _ operation: BillingOperation, _ parameters: [Parameter]
    ) -> Route {
        Route(method: method, pattern: "/v1/\(path)", operation: .billing(operation), parameters: parameters)
    }
}
