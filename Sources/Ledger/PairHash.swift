/// A tenant and a meter, hashed.
public struct PairHash: Sendable {
    let state: SipHash

    /// The identity of one slot of the pair.
    public func key(_ place: SlotPlace) -> SlotKey {
        var state = state
        state.absorb(place.word)
        let hash = state.finish()
        return SlotKey(low: hash.low, high: hash.high)
    }
}
