extension StripeClient {
    /// The most pages one listing reads. Stripe has no filter by event name
    /// (docs.stripe.com/api/billing/meter/list), so a lookup reads them all.
    private static let mostPages = 50

    /// All meters, in Stripe's order, a hundred a page. `status` is `active` or `inactive`; nil for both.
    public func listMeters(status: String? = nil) async throws(StripeError) -> [BillingMeter] {
        var filter = Form()
        if let status { filter.append("status", .text(status)) }
        return try await listAll(.listMeters, filter: filter, of: BillingMeter.self)
    }

    /// The meters, active and not, that events of this name are for. At most one of them is active.
    public func meters(eventName: String) async throws(StripeError) -> [BillingMeter] {
        try await listMeters().filter { $0.eventName == eventName }
    }

    /// The cheapest call that needs a working key: succeeds when Stripe is in reach and takes it.
    public func retrieveAccountReachable() async throws(StripeError) {
        _ = try await get(.listMeters, query: Form(["limit": .integer(1)]), as: StripeList<BillingMeter>.self)
    }

    /// Makes a meter (`POST /v1/billing/meters`). Of a meter only its display name can be changed
    /// later (docs.stripe.com/api/billing/meter/update).
    public func createMeter(
        _ meter: MeterRequest, idempotencyKey: String
    ) async throws(StripeError) -> BillingMeter {
        try await post(.createMeter, .form(meter.form), key: idempotencyKey, as: BillingMeter.self)
    }

    /// One page of a list, a hundred rows. `after` is the last row of the page before.
    func page<Element: ListElement>(
        _ endpoint: Endpoint, id: String? = nil, filter: Form, after: String?, of type: Element.Type,
        isForUsageRecords: Bool = false
    ) async throws(StripeError) -> StripePage<Element> {
        var query = filter
        query.append("limit", .integer(100))
        if let after { query.append("starting_after", .text(after)) }
        let call = Call(endpoint: endpoint, id: id, query: query, isForUsageRecords: isForUsageRecords)
        return try await perform(call, as: StripeList<Element>.self).page
    }

    /// Reads page after page, each beginning after the last row of the one before.
    func listAll<Element: ListElement>(
        _ endpoint: Endpoint, id: String? = nil, filter: Form, of type: Element.Type, isForUsageRecords: Bool = false
    ) async throws(StripeError) -> [Element] {
        var all: [Element] = []
        var after: String?
        for _ in 0..<Self.mostPages {
            let page = try await page(
                endpoint, id: id, filter: filter, after: after, of: type, isForUsageRecords: isForUsageRecords)
            all += page.data
            guard let next = page.next else { return all }
            after = next
        }
        throw .local(
            .invalidArgument,
            "\(endpoint.path(id)) has more than \(Self.mostPages) pages of 100, which is all we read")
    }
}
