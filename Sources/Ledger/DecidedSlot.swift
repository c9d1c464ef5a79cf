/// The row of what Redis decided itself for this holder in one hour. It reads and writes in place, with no call into
/// the kernel and no allocation.
///
/// Redis counts such calls on a row of its own beside the holder's, so that neither total hides units of the other. The
/// ledger only learns that row's total from the replies, to tell it again to a Redis that forgot it.
///
/// Valid while the ledger lives, which it does not see to, and until the ledger is next asked to create, sweep, reclaim
/// or close; only the ledger's thread may use it. Calls take effect in the file in the order they are made.
public struct DecidedSlot {
    private let slot: SlotPointer

    init(_ slot: SlotPointer) { self.slot = slot }

    /// What Redis decided to count in the hour, in all.
    public var decided: Int64 { slot.total(0) }
    /// The largest ``decided`` that Redis has acknowledged.
    public var settled: Int64 { slot.total(2) }
    /// Whether Redis has all of it.
    public var isSettled: Bool { slot.isSettledHour }

    /// Learns of a total that Redis has stated: the larger of two statements is true.
    public func raise(to total: Int64) { slot.raise(0, to: total) }

    /// Notes the total that Redis has acknowledged.
    public func settle(to total: Int64) { slot.raise(2, to: total) }

    /// Forgets what Redis had acknowledged: a Redis that lost its memory must be told again.
    public func unsettle() { slot.setTotal(2, 0) }
}
