extension StripeClient {
    /// One invoice (`GET /v1/invoices/{id}`).
    public func invoice(_ id: String) async throws(StripeError) -> StripeInvoice {
        try await get(.retrieveInvoice, id: id, as: StripeInvoice.self)
    }

    /// A hundred invoices, the newest first (`GET /v1/invoices`).
    ///
    /// - Parameters:
    ///   - after: the `next` of the page before.
    ///   - customer: `cus_…`; nil for all.
    ///   - status: `draft`, `open`, `paid`, `uncollectible` or `void`; nil for all.
    public func invoicePage(
        after: String? = nil, customer: String? = nil, status: String? = nil
    ) async throws(StripeError) -> StripePage<StripeInvoice> {
        var filter = Form()
        if let customer { filter.append("customer", .text(customer)) }
        if let status { filter.append("status", .text(status)) }
        return try await page(.listInvoices, filter: filter, after: after, of: StripeInvoice.self)
    }

    /// The event behind a thin webhook (`GET /v2/core/events/{id}`).
    public func coreEvent(_ id: String) async throws(StripeError) -> StripeCoreEvent {
        try await get(.retrieveCoreEvent, id: id, as: StripeCoreEvent.self)
    }
}
