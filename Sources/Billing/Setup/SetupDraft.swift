/// A meter that is to be made at Stripe. Its formula is `sum`, its customers are mapped by id.
public struct MeterDraft: Sendable, Equatable {
    /// What people call it there, at most 250 characters.
    public var displayName: String
    /// The name that events carry.
    public var eventName: String
    /// `hour`, for a meter that keeps the newest total of each; nil for one that adds.
    public var eventTimeWindow: String?

    /// Takes its parts as they are.
    public init(displayName: String, eventName: String, eventTimeWindow: String?) {
        self.displayName = displayName
        self.eventName = eventName
        self.eventTimeWindow = eventTimeWindow
    }
}

/// A product and a monthly metered price on a meter, that are to be made at Stripe.
public struct PriceDraft: Sendable, Equatable {
    /// The product's name, which customers see on invoices.
    public var productName: String
    /// The meter's name in the catalogue, kept with both.
    public var meterName: String
    /// By which it is found again.
    public var lookupKey: String
    /// `mtr_…`; nil while that is to be made itself.
    public var meter: String?
    /// An ISO 4217 code in lower case.
    public var currency: String
    /// Of one unit.
    public var amount: DecimalAmount

    /// Takes its parts as they are.
    public init(
        productName: String, meterName: String, lookupKey: String, meter: String?, currency: String,
        amount: DecimalAmount
    ) {
        self.productName = productName
        self.meterName = meterName
        self.lookupKey = lookupKey
        self.meter = meter
        self.currency = currency
        self.amount = amount
    }
}
