/// The row of what a reservation has set aside of one meter. It reads and writes in place, with no call into the kernel
/// and no allocation.
///
/// The state in the row of the first meter is the state of all. When a reservation is settled, each row first gets its
/// cost and the totals that the lease and the hour will have then; the state of the first comes last. So a kill at any
/// moment leaves it open, or settled with all that is needed to finish the work: totals are raised to what the rows
/// say, however often.
///
/// Valid while the ledger lives, which it does not see to, and until its slot is let go; only the ledger's thread may
/// use it. Calls take effect in the file in the order they are made.
public struct ReservationSlot {
    private let slot: SlotPointer

    init(_ slot: SlotPointer) { self.slot = slot }

    /// How many units it set aside.
    public var amount: Int64 { slot.total(0) }
    /// What has become of it; of a row that is not the first, only the cost counts.
    public var state: ReservationState { ReservationState(word: slot.total(2)) }
    /// What the lease had spent in all once it was settled.
    public var spentTotal: Int64 { slot.total(1) }
    /// What the hour had consumed in all once it was settled.
    var consumedTotal: Int64 { slot.total(3) }

    /// Writes down what is set aside.
    public func setAmount(_ amount: Int64) { slot.setTotal(0, amount) }

    /// Writes down what becomes of it. In the first row this is the deed.
    public func setState(_ state: ReservationState) { slot.setTotal(2, state.word) }

    /// Writes down what settling it will make of the totals, before ``setState(_:)``.
    public func setTotals(spent: Int64, consumed: Int64) {
        slot.setTotal(1, spent)
        slot.setTotal(3, consumed)
    }
}
