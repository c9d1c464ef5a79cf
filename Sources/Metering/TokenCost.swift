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
}
