/// A tenant's id, hashed with the ledger's seed: made once a request, for all its meters and hours.
public struct TenantHash: Sendable {
    let state: SipHash

    /// Joins the meter: from here on each slot of the pair costs seven rounds of the hash, some 8 ns.
    public func pair(_ meter: MeterHash) -> PairHash {
        var state = state
        state.absorb(meter.low)
        state.absorb(meter.high)
        return PairHash(state: state)
    }
}
