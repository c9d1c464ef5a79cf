/// A thing that is counted, the same for every plan.
public struct Meter: Sendable, Equatable {
    /// The name in calls and in the catalogue, see ``Identifier/isName(_:)-(String)``.
    public var name: String
    /// How its numbers move.
    public var kind: MeterKind
    /// When a counter starts anew, or the length a rate is measured over; nil for a level.
    public var cycle: Cycle?
    /// What one unit is called, for people. The unit `bytes` lets limits be written as sizes (`10GiB`).
    public var unit: String?
    /// What usage is shown to cost, if the catalogue says so.
    public var cost: TokenCost?
    /// How usage is billed; nil for a meter that is only counted.
    public var stripe: StripeMeter?

    /// Takes its parts as they are; Settings validates what a catalogue says.
    public init(
        name: String, kind: MeterKind, cycle: Cycle? = nil, unit: String? = nil, cost: TokenCost? = nil,
        stripe: StripeMeter? = nil
    ) {
        self.name = name
        self.kind = kind
        self.cycle = cycle
        self.unit = unit
        self.cost = cost
        self.stripe = stripe
    }
}
