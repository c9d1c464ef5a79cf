/// What a holder says of a rate with a call that it has Redis decide: how many further cells it wants in hand, and how
/// many it gives back.
public struct RateAsk: Sendable, Equatable {
    /// Its number among the asks of one hand; 0 for one that says nothing, which Redis need not hear.
    public let number: Int
    /// How many cells are wanted besides those of the call.
    public let wanted: Int64
    /// How many are given back, granted when at the earliest (Redis's clock), and until when they were good.
    public let returned: Int64
    /// In microseconds of Redis's clock.
    public let returnedFrom: Int64
    let goodUntil: Int64

    /// Says nothing.
    public static let none = RateAsk(number: 0, wanted: 0, returned: 0, returnedFrom: 0, goodUntil: 0)
}
