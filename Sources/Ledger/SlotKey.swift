/// The 128-bit identity of a slot: SipHash-1-3 of tenant id, meter name (by its own 128-bit hash), kind, period and
/// hour.
///
/// Two different slots with the same identity would be one slot, by design: nothing is compared beyond it. Among n
/// slots that happens with a probability of n² / 2¹²⁹: for a ledger that makes a million new slots every second for a
/// hundred years, one in seventy million. Who does not know the seed cannot look for such a pair.
public struct SlotKey: Sendable, Equatable, Hashable {
    let low: UInt64
    let high: UInt64
}
