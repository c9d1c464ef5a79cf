/// What a slot holds. The raw value stands in the file; 0 is a free slot.
public enum SlotKind: UInt8, Sendable, CaseIterable {
    /// What may be spent of a (tenant, meter, period) without asking.
    case lease = 1
    /// What was used of a (tenant, meter, period) in one UTC hour.
    case usage = 2
    /// What Redis decided itself for this holder, of a (tenant, meter, period) in one UTC hour.
    case decided = 3
    /// What a reservation has set aside of one meter, or how that ended.
    case reservation = 4

    /// Whether there is a slot of this kind for each hour, which a sweep lets go when the hour is over.
    public var isHourly: Bool { self == .usage || self == .decided }
}
