extension StripeClient {
    /// One price (`GET /v1/prices/{id}`).
    public func price(_ id: String) async throws(StripeError) -> StripePrice {
        try await get(.retrievePrice, id: id, as: StripePrice.self)
    }

    /// A hundred prices, the newest first (`GET /v1/prices`). `after` is the `next` of the page before.
    public func pricePage(after: String? = nil) async throws(StripeError) -> StripePage<StripePrice> {
        try await page(.listPrices, filter: Form(), after: after, of: StripePrice.self)
    }

    /// Makes a metered price (`POST /v1/prices`), with the version that has its kind.
    public func createPrice(
        _ price: PriceRequest, idempotencyKey: String
    ) async throws(StripeError) -> StripePrice {
        try await post(
            .createPrice, .form(price.form), key: idempotencyKey, as: StripePrice.self,
            isForUsageRecords: price.meter == nil)
    }

    /// Makes a product (`POST /v1/products`). `unitLabel` is what invoices call a unit of it.
    public func createProduct(
        name: String, unitLabel: String? = nil, metadata: [String: String] = [:], idempotencyKey: String
    ) async throws(StripeError) -> StripeProduct {
        var form = Form(["name": .text(name)])
        if let unitLabel { form.append("unit_label", .text(unitLabel)) }
        if !metadata.isEmpty { form.append("metadata", .map(Form(sorting: metadata))) }
        return try await post(.createProduct, .form(form), key: idempotencyKey, as: StripeProduct.self)
    }
}
