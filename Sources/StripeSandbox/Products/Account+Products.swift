/// `/v1/products`.
extension Account {
    func createProduct(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let id = arguments.text("id") ?? Product.newID()
        guard state.products[id] == nil else {
            throw .invalid("Product already exists.", code: "resource_already_exists", param: "id")
        }
        var product = Product(id: id, created: now, updated: now, name: "")
        try product.apply(arguments)
        state.products.store(product)
        emit("product.created") { [product] _ in product.body }
        return product.body
    }

    func updateProduct(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        let old = try state.products.product(id)
        var product = old
        try product.apply(arguments)
        product.updated = now
        state.products.store(product)
        emit("product.updated", before: { _ in old.body }, after: { [product] _ in product.body })
        return product.body
    }

    func listProducts(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let active = arguments["active"]
        let ids = arguments["ids"]?.list
        return try Page.cut(
            state.products.newestFirst, arguments, url: "/v1/products", noun: "product", id: \.id,
            isIncluded: {
                (active == nil || .boolean($0.isActive) == active) && (ids?.contains(.text($0.id)) ?? true)
            }, body: \.body)
    }
}
