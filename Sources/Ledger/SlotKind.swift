/// What a slot holds. The raw value stands in the file; 0 is a free slot.
public enum SlotKind: UInt8, Sendable, CaseIterable {
    /// What may be spent of a (tenant, meter, period) without asking.
    case lease = 1
    /// What was used of a (tenant, meter, period) in one UTC hour.
    case usage = 2
}
