/// A usage hour's row in the file. It reads and writes in place, with no call into the kernel and no allocation.
///
/// Valid while the ledger lives, which it does not see to, and until the ledger is next asked to create, sweep, reclaim
/// or close; only the ledger's thread may use it. Calls take effect in the file in the order they are made.
public struct UsageSlot {
    private let slot: SlotPointer

    init(_ slot: SlotPointer) { self.slot = slot }

    /// What was consumed in the hour, in all.
    public var consumed: Int64 { slot.total(0) }
    /// What was refunded of it, in all.
    public var refunded: Int64 { slot.total(1) }
    /// The largest ``consumed`` that Redis has acknowledged.
    public var settledConsumed: Int64 { slot.total(2) }
    /// The largest ``refunded`` that Redis has acknowledged.
    public var settledRefunded: Int64 { slot.total(3) }
    /// Whether Redis has all of it.
    public var isSettled: Bool { slot.isSettledHour }

    /// Counts what a call consumed, after its ``LeaseSlot/addSpent(_:)``.
    public func addConsumed(_ amount: Int64) { slot.add(0, amount) }

    /// Learns of usage that Redis knows and this ledger does not.
    public func raiseConsumed(to total: Int64) { slot.raise(0, to: total) }

    /// Learns of refunds, which Redis decides.
    public func raiseRefunded(to total: Int64) { slot.raise(1, to: total) }

    /// Notes the totals that Redis has acknowledged.
    public func settle(consumed: Int64, refunded: Int64) {
        slot.raise(2, to: consumed)
        slot.raise(3, to: refunded)
    }

    /// Forgets what Redis had acknowledged: a Redis that lost its memory must be told again.
    public func unsettle() {
        slot.setTotal(2, 0)
        slot.setTotal(3, 0)
    }
}
