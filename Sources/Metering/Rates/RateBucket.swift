/// What Redis keeps of a rate: the arrival time of the next cell, and since when cells that were granted in advance may
/// be given back. Instants are microseconds of Redis's clock.
///
/// `spend.lua` does the same; this is said for tests to hold it to.
public struct RateBucket: Sendable, Equatable {
    /// No holder is granted more in advance than this part of the cells that are free: near the edge none is, and each
    /// call is asked for.
    public static let share: Int64 = 8

    /// The arrival time of the next cell; nil for a whole burst.
    public private(set) var arrival: Int64?
    /// When cells were first granted in advance since the burst was whole, or some were let through that it did not
    /// have; nil if none were. What was granted before it has flowed back by itself, at least in part, and giving it
    /// back as well would be cells from nowhere.
    public private(set) var grantedSince: Int64?

    /// A whole burst.
    public init() {}

    /// Takes cells back that were granted in advance at `grantedAt` and not spent.
    public mutating func takeBack(_ cells: Int64, grantedAt: Int64, now: Int64, rate: GCRA) {
        guard let arrival, arrival > now, arrival <= now + rate.toleranceMicroseconds else {
            grantedSince = nil
            return
        }
        guard cells > 0, let since = grantedSince, grantedAt >= since else { return }
        let earlier = arrival - cells * rate.intervalMicroseconds
        self.arrival = max(now, earlier)
        if earlier <= now { grantedSince = nil }
    }

    /// Stores what a call came to: the arrival time behind its own cells, which ends with the burst.
    public mutating func store(arrival next: Int64, now: Int64, rate: GCRA) {
        let latest = now + rate.toleranceMicroseconds
        if next > latest { grantedSince = nil }
        arrival = min(next, latest)
    }

    /// Grants up to `wanted` cells in advance, behind those of a call. Returns how many.
    public mutating func grant(_ wanted: Int64, now: Int64, rate: GCRA) -> Int64 {
        let ahead = max(0, (arrival ?? now) - now)
        let free = (rate.toleranceMicroseconds - ahead) / rate.intervalMicroseconds
        let granted = max(0, min(wanted, free / Self.share))
        guard granted > 0 else { return 0 }
        arrival = now + ahead + granted * rate.intervalMicroseconds
        grantedSince = grantedSince ?? now
        return granted
    }
}
