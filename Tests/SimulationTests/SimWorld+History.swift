@testable import Metering

/// Steps that named histories are made of.
extension SimWorld {
    /// Sends a sync that needs `n`, though no call waits.
    mutating func ask(_ index: Int, need n: Int64) {
        var request = request(index, want: 0)
        guard let last = request.items.indices.last else { return }
        request.items[last].statement.need = n
        request.items[last].statement.needFor = 1
        network.append(SimMessage(holder: index, generation: holders[index].generation, content: .request(request)))
    }

    /// A holder is granted `n`, unspent, if that fits.
    mutating func lend(_ index: Int, _ n: Int64) throws(SimFailure) {
        network = []
        ask(index, need: n)
        while !network.isEmpty { try deliver(0) }
    }

    /// Time passes in which a holder is not heard, and the others are.
    mutating func silence(_ index: Int, passing duration: Int64, others: [Int]? = nil) throws(SimFailure) {
        var left = duration
        while left > 0 {
            try advance(min(left, 500_000))
            left -= 500_000
            for other in others ?? holders.indices.filter({ $0 != index }) { try roundTrip(other, want: 0) }
        }
    }
}
