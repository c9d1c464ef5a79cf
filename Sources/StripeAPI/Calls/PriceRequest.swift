/// A metered price to be made (docs.stripe.com/api/prices/create).
public struct PriceRequest: Sendable, Equatable {
    /// Three letters in lower case.
    public var currency: String
    /// `prod_…`.
    public var product: String
    /// What a unit costs: a decimal number of the currency's smallest unit, up to 12 decimals.
    public var unitAmountDecimal: String
    /// `mtr_…`; nil for a legacy price, which usage records are for and which only versions up to acacia can make.
    public var meter: String?
    /// `day`, `week`, `month` or `year`.
    public var interval: String
    /// A name that programs can ask for, if any.
    public var lookupKey: String?
    /// A name for people, if any.
    public var nickname: String?
    /// What to write on it.
    public var metadata: [String: String]

    /// A monthly price unless another interval is given.
    public init(
        currency: String, product: String, unitAmountDecimal: String, meter: String?, interval: String = "month",
        lookupKey: String? = nil, nickname: String? = nil, metadata: [String: String] = [:]
    ) {
        self.currency = currency
        self.product = product
        self.unitAmountDecimal = unitAmountDecimal
        self.meter = meter
        self.interval = interval
        self.lookupKey = lookupKey
        self.nickname = nickname
        self.metadata = metadata
    }

    var form: Form {
        var recurring = Form(["interval": .text(interval), "usage_type": .text("metered")])
        if let meter {
            recurring.append("meter", .text(meter))
        } else {
            recurring.append("aggregate_usage", .text("sum"))
        }
        var form = Form([
            "currency": .text(currency), "product": .text(product), "unit_amount_decimal": .text(unitAmountDecimal),
            "recurring": .map(recurring),
        ])
        if let lookupKey { form.append("lookup_key", .text(lookupKey)) }
        if let nickname { form.append("nickname", .text(nickname)) }
        if !metadata.isEmpty { form.append("metadata", .map(Form(sorting: metadata))) }
        return form
    }
}
