extension StripeClient {
    /// The most pages one listing reads. Stripe has no filter by event name, so a lookup reads them all.
    private static let mostPages = 50

    /// All meters, in Stripe's order, a hundred a page. `status` is `active` or `inactive`; nil for both.
    public func listMeters(status: String? = nil) async throws(StripeError) -> [BillingMeter] {
        var filter = Form()
        if let status { filter.append("status", .text(status)) }
        return try await listAll("/v1/billing/meters", filter: filter, of: BillingMeter.self) { $0.id }
    }

    /// The meters, active and not, that events of this name are for. At most one of them is active.
    public func meters(eventName: String) async throws(StripeError) -> [BillingMeter] {
        try await listMeters().filter { $0.eventName == eventName }
    }

    /// The cheapest call that needs a working key: succeeds when Stripe is in reach and takes it.
    public func retrieveAccountReachable() async throws(StripeError) {
        _ = try await get(
            "/v1/billing/meters", query: Form(["limit": .integer(1)]), as: StripeList<BillingMeter>.self)
    }

    /// Reads page after page, each beginning after the last element of the one before.
    func listAll<Element: Decodable & Sendable>(
        _ path: String, filter: Form, of type: Element.Type, cursor: (Element) -> String
    ) async throws(StripeError) -> [Element] {
        var all: [Element] = []
        for _ in 0..<Self.mostPages {
            var query = filter
            query.append("limit", .integer(100))
            if let last = all.last { query.append("starting_after", .text(cursor(last))) }
            let page = try await get(path, query: query, as: StripeList<Element>.self)
            all += page.data
            if !page.hasMore || page.data.isEmpty { return all }
        }
        throw .local(.invalidArgument, "\(path) has more than \(Self.mostPages) pages of 100, which is all we read")
    }
}
