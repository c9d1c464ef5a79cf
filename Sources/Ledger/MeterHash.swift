/// A meter's name, hashed with the ledger's seed: made once, when the plans are read.
public struct MeterHash: Sendable, Equatable {
    let low: UInt64
    let high: UInt64
}
