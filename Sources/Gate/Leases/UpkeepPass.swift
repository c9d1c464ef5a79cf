internal import Metering

/// What one round over all leases has found so far, for the metrics.
struct UpkeepPass {
    /// Units that Redis may not have, and since when the oldest of them wait; 0 for none.
    var unsettledUnits: Int64 = 0
    var unsentSince: Int64 = 0

    mutating func add(_ held: HeldLease) {
        unsettledUnits += held.lease.unacknowledged
        guard held.unsentSince > 0 else { return }
        unsentSince = unsentSince == 0 ? held.unsentSince : min(unsentSince, held.unsentSince)
    }
}
