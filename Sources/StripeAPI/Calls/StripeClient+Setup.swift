/// What setting an account up, and taking one over, asks for.
extension StripeClient {
    /// One price, or nil if there is none of that id (`GET /v1/prices/{id}`).
    ///
    /// - Parameter isForUsageRecords: asks with the version that usage records are sent with, the only one that shows
    ///   how a price adds them up.
    public func priceIfAny(_ id: String, isForUsageRecords: Bool = false) async throws(StripeError) -> StripePrice? {
        do {
            let call = Call(endpoint: .retrievePrice, id: id, isForUsageRecords: isForUsageRecords)
            return try await perform(call, as: StripePrice.self)
        } catch {
            // docs.stripe.com/error-codes: "The ID provided is not valid. Either the resource does not exist, …"
            guard error.httpStatus == 404 || error.code == "resource_missing" else { throw error }
            return nil
        }
    }

    /// Whether a subscription that has not ended has a price (`GET /v1/subscriptions`).
    ///
    /// - Parameter isForUsageRecords: asks with the version that usage records are sent with.
    public func isInUse(price: String, isForUsageRecords: Bool = false) async throws(StripeError) -> Bool {
        let query = Form(["price": .text(price), "limit": .integer(1)])
        let call = Call(endpoint: .listSubscriptions, query: query, isForUsageRecords: isForUsageRecords)
        return try await !perform(call, as: StripeList<StripeSubscription>.self).data.isEmpty
    }

    /// The price that has a lookup key, active or not; at most one has (`GET /v1/prices`).
    public func prices(lookupKey: String) async throws(StripeError) -> [StripePrice] {
        let filter = Form(["lookup_keys": .map(Form(["0": .text(lookupKey)]))])
        return try await page(.listPrices, filter: filter, after: nil, of: StripePrice.self).data
    }

    /// The newest hundred prices that bill a meter, active or not (`GET /v1/prices`).
    public func prices(meter: String) async throws(StripeError) -> [StripePrice] {
        let filter = Form(["recurring": .map(Form(["meter": .text(meter)]))])
        return try await page(.listPrices, filter: filter, after: nil, of: StripePrice.self).data
    }

    /// Makes a product with an id of the caller's choice, unless it is there already (`POST /v1/products`; "You can
    /// optionally override this ID, but the ID must be unique", docs.stripe.com/api/products/create).
    ///
    /// - Returns: The id.
    public func makeProduct(
        id: String, name: String, metadata: [String: String], idempotencyKey: String
    ) async throws(StripeError) -> String {
        let form = Form(["id": .text(id), "name": .text(name), "metadata": .map(Form(sorting: metadata))])
        do {
            return try await post(.createProduct, .form(form), key: idempotencyKey, as: StripeProduct.self).id
        } catch {
            guard error.code == "resource_already_exists" else { throw error }
            return id
        }
    }

    /// A hundred customers, the newest first, with up to ten of the subscriptions each that have not ended
    /// (`GET /v1/customers`, expanded: docs.stripe.com/api/customers/object, "subscriptions").
    public func customersWithSubscriptions(
        after: String?
    ) async throws(StripeError) -> StripePage<SubscribedCustomer> {
        let filter = Form(["expand": .map(Form(["0": .text("data.subscriptions")]))])
        return try await page(.listCustomers, filter: filter, after: after, of: SubscribedCustomer.self)
    }
}
