/// A lease's row in the file. It reads and writes in place, with no call into the kernel and no allocation.
///
/// Valid while the ledger lives, which it does not see to, and until the ledger is next asked to create, sweep, reclaim
/// or close; only the ledger's thread may use it. Calls take effect in the file in the order they are made.
public struct LeaseSlot {
    private let slot: SlotPointer

    init(_ slot: SlotPointer) { self.slot = slot }

    /// What Redis has granted, in all.
    public var granted: Int64 { slot.total(0) }
    /// What was given back of it unspent, in all.
    public var returned: Int64 { slot.total(1) }
    /// What was consumed in this period, in all. It may pass what was granted, where a limit lets calls through.
    public var spent: Int64 { slot.total(2) }
    /// What running reservations hold now: the one word here that goes up and down.
    public var reserved: Int64 { slot.total(3) }
    /// What may still be spent; negative after spending more than was granted.
    public var unspent: Int64 { granted - returned - spent - reserved }
    /// Whether ``setSettled(_:)`` said that the row is no longer needed.
    public var isSettled: Bool { slot.descriptor.isSettled }

    /// Counts what a call consumed. Call it before ``UsageSlot/addConsumed(_:)``: a kill between the two then leaves
    /// units that are spent and not billed, never units that are billed and may be spent once more.
    public func addSpent(_ amount: Int64) { slot.add(2, amount) }

    /// Sets units aside for a reservation.
    public func addReserved(_ amount: Int64) { slot.add(3, amount) }

    /// Ends a reservation's hold on units. Call it after ``addSpent(_:)`` for what of them was consumed: a kill between
    /// the two then leaves less to spend, never more.
    public func removeReserved(_ amount: Int64) {
        precondition(amount >= 0 && amount <= reserved, "no more can be let go than is reserved")
        slot.setTotal(3, reserved - amount)
    }

    /// Learns of a grant: the larger of two statements is true.
    public func raiseGranted(to total: Int64) { slot.raise(0, to: total) }

    /// Learns of something returned that Redis knows and this ledger does not.
    public func raiseReturned(to total: Int64) { slot.raise(1, to: total) }

    /// Learns of spending that Redis knows and this ledger does not.
    public func raiseSpent(to total: Int64) { slot.raise(2, to: total) }

    /// Gives back part of what is unspent.
    public func addReturned(_ amount: Int64) { slot.add(1, amount) }

    /// Gives back all that is unspent, as at the lease's end.
    public func returnUnspent() { slot.raise(1, to: granted - spent - reserved) }

    /// Says that the period is over and Redis has these totals, so that a sweep may let the slot go; or takes it back.
    public func setSettled(_ isSettled: Bool) {
        var descriptor = slot.descriptor
        descriptor.isSettled = isSettled
        slot.setDescriptor(descriptor)
    }

    /// Whether a sweep may let the slot go: nothing of the lease is out any more.
    var isRecyclable: Bool { isSettled && reserved == 0 && granted <= returned + spent }
}
