/// A customer of the account.
struct Customer: Codable, Sendable {
    let id: String
    let created: Int
    var isDeleted = false
    /// What was set of the plain properties, by Stripe's names.
    var attributes: [String: JSONValue] = [:]
    var metadata: [String: String] = [:]

    /// A new id in Stripe's form.
    static func newID() -> String { RandomID.make("cus_") }

    /// The parameters of create and update that the sandbox keeps, and those it must refuse because it would have to
    /// act on them.
    static let parameters: [Parameter] = kept + refused

    private static let kept: [Parameter] = [
        .clearable("address", .object(address)),
        .optional("balance", .integer()),
        .clearable("description", .text()),
        .clearable("email", .text(maximum: 512)),
        .optional("expand", .list(.text(), maximum: 20)),
        .optional("invoice_prefix", .text(maximum: 12)),
        .clearable("metadata", .metadata),
        .clearable("name", .text(maximum: 256)),
        .optional("next_invoice_sequence", .integer(1...1_000_000_000)),
        .clearable("phone", .text(maximum: 20)),
        .clearable("preferred_locales", .list(.text(), maximum: 20)),
        .clearable(
            "shipping",
            .object([.required("address", .object(address)), .required("name", .text()), .optional("phone", .text())])),
        .clearable("tax_exempt", .choice(["exempt", "none", "reverse"])),
    ]

    private static let refused: [Parameter] = [
        "business_name", "cash_balance", "default_source", "individual_name", "invoice_settings", "payment_method",
        "source", "tax", "tax_id_data", "test_clock", "validate",
    ].map { .optional($0, .unsupported) }

    private static let address: [Parameter] = ["city", "country", "line1", "line2", "postal_code", "state"].map {
        .optional($0, .text())
    }

    /// What an unset property is answered as.
    private static let unset: [String: JSONValue] = [
        "address": .null, "balance": .integer(0), "currency": .null, "default_source": .null,
        "delinquent": .boolean(false), "description": .null, "discount": .null, "email": .null,
        "invoice_settings": .object([
            "custom_fields": .null, "default_payment_method": .null, "footer": .null, "rendering_options": .null,
        ]),
        "livemode": .boolean(false), "name": .null, "next_invoice_sequence": .integer(1), "phone": .null,
        "preferred_locales": .list([]), "shipping": .null, "tax_exempt": .text("none"), "test_clock": .null,
    ]

    /// Sets what the request names; a null unsets.
    mutating func apply(_ arguments: Arguments) throws(APIError) {
        for (name, value) in arguments.members where name != "metadata" && name != "expand" {
            attributes[name] = value == .null ? nil : value
        }
        metadata = try Metadata.merged(metadata, arguments)
    }

    /// The customer as Stripe's `customer` schema has it; of a deleted one only the stub is left.
    var body: JSONValue {
        if isDeleted {
            return .object(["id": .text(id), "object": .text("customer"), "deleted": .boolean(true)])
        }
        var members = Self.unset.merging(attributes) { _, set in set }
        members["id"] = .text(id)
        members["object"] = .text("customer")
        members["created"] = .integer(created)
        members["invoice_prefix"] = attributes["invoice_prefix"] ?? .text(id.suffix(8).uppercased())
        members["metadata"] = Metadata.body(metadata)
        return .object(members)
    }
}
