/// What a meter's usage is shown to cost: `amount` of `currency` for each `per` units. For display only, prices that
/// are charged live at Stripe.
public struct TokenCost: Sendable, Equatable {
    /// The number of units that cost ``amount``, 1 or more.
    public var per: Int64
    /// The price of ``per`` units in the currency's minor unit (cents), 0 or more.
    public var amount: Int64
    /// An ISO 4217 code in lower case, as Stripe writes it.
    public var currency: String

    /// Takes its parts as they are; Settings validates what a catalogue says.
    public init(per: Int64, amount: Int64, currency: String) {
        self.per = per
        self.amount = amount
        self.currency = currency
    }

    /// What so many units are shown to cost, in the currency's minor unit, rounded half up; ``Amount/largest`` at most.
    public func cost(of units: Int64) -> Int64 {
        guard units > 0, amount > 0, per > 0 else { return 0 }
        let (product, divisor) = (UInt64(units).multipliedFullWidth(by: UInt64(amount)), UInt64(per))
        guard product.high < divisor else { return Amount.largest }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        guard quotient < UInt64(Amount.largest) else { return Amount.largest }
        return Int64(quotient) + (remainder >= divisor - remainder ? 1 : 0)
    }
}
