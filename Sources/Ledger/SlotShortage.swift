/// What a ledger has run out of.
public enum SlotShortage: Sendable, Equatable, CaseIterable {
    /// No slot is free, but for the reserve where it was not asked for.
    case slots
    /// There is no room for the tenant's id.
    case tenantNames
    /// There is no room for the meter's name.
    case meterNames
    /// The disk failed, under `durability: power`.
    case disk
}
