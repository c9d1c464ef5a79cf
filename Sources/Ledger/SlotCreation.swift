/// What came of asking for a new slot.
public enum SlotCreation: Sendable, Equatable {
    /// It is new, and all its totals are zero.
    case created(SlotIndex)
    /// It was there.
    case found(SlotIndex)
    /// There is no room: the call is Redis's to decide, until a sweep has made some.
    case full(SlotShortage)
}
