@testable import Metering

/// What is in flight: a lease in a period without an end, of which units are only set aside and given back.
extension SimWorld {
    /// The key of its period, and how many may be in flight.
    static let flight: Int64 = -1
    static let flightLimit: Int64 = 6
    private static let heldFor: Int64 = 18_000_000

    mutating func hold(_ index: Int, _ n: Int64) throws(SimFailure) {
        let time = time(holders[index])
        let end = time + Self.heldFor
        guard onLease(index, Self.flight, at: time, { $0.reserve(n, until: end, now: time) }) else {
            send(index, want: Self.flightLimit)
            return
        }
        held.append(
            SimReservation(
                holder: index, incarnation: holders[index].incarnation, period: Self.flight, hour: 0, amount: n,
                end: end))
        let sum = held.reduce(0) { $0 + ($1.end > self.time(holders[$1.holder]) ? $1.amount : 0) }
        let most = Self.flightLimit + (allowed[Self.flight] ?? 0)
        guard sum <= most else { throw SimFailure("\(sum) in flight, and \(most) may be") }
    }

    mutating func letGo(_ choice: Int) {
        guard !held.isEmpty else { return }
        let place = choice % held.count
        guard holders[held[place].holder].works else { return }
        letGo(held.remove(at: place))
    }

    /// Who holds something longer than was said has it taken away.
    mutating func endHeld() {
        let over = held.filter { holders[$0.holder].works && $0.end <= time(holders[$0.holder]) }
        held = held.filter { !holders[$0.holder].works || $0.end > time(holders[$0.holder]) }
        for reservation in over { letGo(reservation) }
    }

    private mutating func letGo(_ reservation: SimReservation) {
        let time = time(holders[reservation.holder])
        _ = onLease(reservation.holder, Self.flight, at: time) {
            $0.settle(reserved: reservation.amount, cost: 0, now: time)
        }
    }
}
