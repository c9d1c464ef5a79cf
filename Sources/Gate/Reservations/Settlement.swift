/// What is to become of a reservation: the arguments of `COMMIT`, `RELEASE` and `EXTEND`.
struct Settlement {
    /// The true cost of one meter, by its place in the catalogue.
    struct Cost {
        let meter: Int
        let amount: Int64
    }

    var number: UInt64 = 0
    /// Of a commit: what is stated. A meter that is not named costs what was reserved.
    var costs: [Cost] = []
    /// Of an extension, in microseconds.
    var timeToLive: Int64 = 0

    mutating func reset() {
        number = 0
        costs.removeAll(keepingCapacity: true)
    }

    /// The cost stated of a meter; nil if none is. By index, since an iterator is allocated where nothing is optimised.
    func cost(of meter: Int?) -> Int64? {
        for index in costs.indices where costs[index].meter == meter { return costs[index].amount }
        return nil
    }
}

/// What settling a reservation came to.
enum SettlementResult {
    /// The book's `counts` have a row for each meter.
    case counted
    case ok
    /// An error reply.
    case failed(String)
    /// Leases have to be in memory first, for which the tenant's record is needed.
    case needsLeases(TenantEntry)
    /// It ended before it was settled: its cost is usage after the fact, of this tenant and hour.
    case late(TenantEntry, SpendRequest)
}

/// One row of the answer to a `COMMIT`.
struct CountRow {
    let meter: [UInt8]
    let counted: Int64
    let used: Int64
    let limit: Int64
}
