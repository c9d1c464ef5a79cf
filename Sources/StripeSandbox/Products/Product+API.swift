/// `product` in Stripe's API: its parameters and its body.
extension Product {
    private static let changeable: [Parameter] =
        [
            .optional("active", .boolean),
            .optional("expand", .list(.text(), maximum: 20)),
            .clearable("metadata", .metadata),
            .clearable("url", .text()),
            .clearable("unit_label", .text(maximum: 12)),
            .optional("statement_descriptor", .text(maximum: 22)),
        ]
        + Parameter.unsupported(["images", "marketing_features", "package_dimensions", "shippable", "tax_code"])
        + [Parameter.optional("tax_details", .unsupported).only(.endive)]

    /// The parameters of `POST /v1/products`.
    static let createParameters: [Parameter] =
        changeable + [
            .required("name", .text()), .optional("description", .text()), .optional("id", .text(maximum: 60)),
            .optional("default_price_data", .unsupported), .optional("type", .choice(["good", "service"])),
        ]

    /// The parameters of `POST /v1/products/{id}`.
    static let updateParameters: [Parameter] =
        changeable + [
            .optional("name", .text()), .clearable("description", .text()), .optional("default_price", .unsupported),
        ]

    private static let unset: [String: JSONValue] = [
        "default_price": .null, "description": .null, "images": .list([]), "livemode": .boolean(false),
        "marketing_features": .list([]), "package_dimensions": .null, "shippable": .null,
        "statement_descriptor": .null, "tax_code": .null, "type": .text("service"), "unit_label": .null,
        "url": .null,
    ]

    /// Sets what the request names; a null unsets.
    mutating func apply(_ arguments: Arguments) throws(APIError) {
        for (key, value) in arguments.members where Self.unset[key] != nil {
            attributes[key] = value == .null ? nil : value
        }
        name = arguments.text("name") ?? name
        isActive = arguments["active"].map { $0 == .boolean(true) } ?? isActive
        metadata = try Metadata.merged(metadata, arguments)
    }

    /// The product as Stripe's `product` schema has it.
    var body: JSONValue {
        var members = Self.unset.merging(attributes) { _, set in set }
        members["id"] = .text(id)
        members["object"] = .text("product")
        members["name"] = .text(name)
        members["active"] = .boolean(isActive)
        members["created"] = .integer(created)
        members["updated"] = .integer(updated)
        members["metadata"] = Metadata.body(metadata)
        return .object(members)
    }
}
