import FoundationEssentials

/// `price` in Stripe's API: its parameters, what they must be, and its body.
extension Price {
    private static let recurringParameters: [Parameter] = [
        .required("interval", .choice(Interval.allCases.map(\.rawValue))),
        .optional("interval_count", .integer(1...365)),
        .optional("meter", .text()),
        .optional("trial_period_days", .unsupported),
        .optional("usage_type", .choice(UsageType.allCases.map(\.rawValue))),
        Parameter.optional("aggregate_usage", .choice(AggregateUsage.allCases.map(\.rawValue))).only(.acacia),
    ]

    private static let productData: [Parameter] =
        [
            .required("name", .text()), .optional("active", .boolean), .optional("id", .text(maximum: 60)),
            .optional("metadata", .metadata), .optional("statement_descriptor", .text(maximum: 22)),
            .optional("unit_label", .text(maximum: 12)), .optional("tax_code", .unsupported),
        ] + [Parameter.optional("tax_details", .unsupported).only(.endive)]

    /// The parameters of `POST /v1/prices`.
    static let createParameters: [Parameter] =
        [
            .optional("active", .boolean),
            .optional("billing_scheme", .partialChoice(["per_unit"], unsupported: ["tiered"])),
            .required("currency", .text(maximum: 3)),
            .optional("expand", .list(.text(), maximum: 20)),
            .optional("lookup_key", .text(maximum: 200)),
            .optional("metadata", .metadata),
            .optional("nickname", .text()),
            .optional("product", .text()),
            .optional("product_data", .object(productData)),
            .optional("recurring", .object(recurringParameters)),
            .optional("tax_behavior", .choice(["exclusive", "inclusive", "unspecified"])),
            .optional("transfer_lookup_key", .boolean),
            .optional("unit_amount", .integer(0...99_999_999)),
            .optional("unit_amount_decimal", .text(maximum: 40)),
        ]
        + Parameter.unsupported([
            "currency_options", "custom_unit_amount", "tiers", "tiers_mode", "transform_quantity",
        ])

    /// The parameters of `POST /v1/prices/{id}`: what a price costs can never change.
    static let updateParameters: [Parameter] = [
        .optional("active", .boolean),
        .optional("currency_options", .unsupported),
        .optional("expand", .list(.text(), maximum: 20)),
        .optional("lookup_key", .text(maximum: 200)),
        .clearable("metadata", .metadata),
        .clearable("nickname", .text()),
        .optional("tax_behavior", .unsupported),
        .optional("transfer_lookup_key", .boolean),
    ]

    /// The parameters of `GET /v1/prices`.
    static let listParameters: [Parameter] =
        Page.parameters + [
            .optional("active", .boolean), .optional("created", .unsupported),
            .optional("currency", .text(maximum: 3)), .optional("expand", .list(.text(), maximum: 20)),
            .optional("lookup_keys", .list(.text(), maximum: 10)), .optional("product", .text()),
            .optional(
                "recurring",
                .object([
                    .optional("interval", .choice(Interval.allCases.map(\.rawValue))), .optional("meter", .text()),
                    .optional("usage_type", .choice(UsageType.allCases.map(\.rawValue))),
                ])),
            .optional("type", .choice(["one_time", "recurring"])),
        ]

    /// The amount of a new price: `unit_amount` or, with up to 12 decimals, `unit_amount_decimal`
    /// (docs.stripe.com/api/prices/create).
    static func amount(_ arguments: Arguments) throws(APIError) -> Decimal {
        switch (arguments.integer("unit_amount"), arguments.text("unit_amount_decimal")) {
        case (let amount?, nil):
            return Decimal(amount)
        case (nil, let text?):
            guard let amount = amount(text) else {
                throw .invalid(
                    "Invalid decimal: \(text); must be at least 0, with up to 12 decimals.",
                    param: "unit_amount_decimal")
            }
            return amount
        case (nil, nil):
            throw .missing("unit_amount")
        case (.some, .some):
            throw .invalid(
                "You may only specify one of these parameters: unit_amount, unit_amount_decimal.",
                param: "unit_amount")
        }
    }

    /// A plain decimal number of at most 8 digits before its point and 12 after.
    static func amount(_ text: String) -> Decimal? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isPlain, parts[0].count <= 8, parts.count == 1 || parts[1].count <= 12 else { return nil }
        return Decimal(string: text)
    }

    /// The price as Stripe's `price` schema has it. `recurring.aggregate_usage` is gone since 2025-03-31.basil.
    func body(in version: APIVersion) -> JSONValue {
        let isWhole = Int(unitAmount.description) != nil
        return .object([
            "id": .text(id), "object": .text("price"), "active": .boolean(isActive),
            "billing_scheme": .text("per_unit"), "created": .integer(created), "currency": .text(currency),
            "custom_unit_amount": .null, "livemode": .boolean(false), "lookup_key": .optional(lookupKey),
            "metadata": Metadata.body(metadata), "nickname": .optional(nickname), "product": .text(product),
            "recurring": recurring.map { $0.body(in: version) } ?? .null, "tax_behavior": .text(taxBehavior),
            "tiers_mode": .null, "transform_quantity": .null,
            "type": .text(recurring == nil ? "one_time" : "recurring"),
            "unit_amount": isWhole ? .number(unitAmount) : .null,
            "unit_amount_decimal": .text(unitAmount.description),
        ])
    }
}

extension Price.Recurring {
    fileprivate func body(in version: APIVersion) -> JSONValue {
        var members: [String: JSONValue] = [
            "interval": .text(interval.rawValue), "interval_count": .integer(intervalCount),
            "meter": .optional(meter), "trial_period_days": .null, "usage_type": .text(usageType.rawValue),
        ]
        if version == .acacia { members["aggregate_usage"] = .optional(aggregateUsage?.rawValue) }
        return .object(members)
    }
}
