/// The grants of one counter of one tenant, and what was drawn from each: reckoned from what was used, never counted.
public struct GrantBook: Sendable, Equatable {
    /// In the order in which they are drawn: what expires first goes first.
    public private(set) var grants: [Grant]

    /// A book of these grants.
    public init(_ grants: [Grant]) {
        self.grants = grants.sorted { ($0.expires, $0.givenAt, $0.id) < ($1.expires, $1.givenAt, $1.id) }
    }

    /// What each grant of a period was drawn by, when `used` is used in it: by its place in ``grants``. Those of other
    /// periods are not in it.
    ///
    /// A unit is drawn from the first grant that was there when it was used and has something left. A grant that is
    /// settled keeps what it was drawn by.
    public func draws(in period: Int64, used: Int64) -> [Int: Int64] {
        let places = grants.indices.filter { grants[$0].periodStart == period }
        var draws = Dictionary(uniqueKeysWithValues: places.map { ($0, Int64(0)) })
        // Between two grants' giving, the same ones are there.
        let edges = Set(places.map { grants[$0].base }).filter { $0 < used }.sorted()
        for (index, from) in edges.enumerated() {
            var left = (index + 1 < edges.count ? edges[index + 1] : used) - from
            for place in places where grants[place].base <= from {
                let rest = (grants[place].drawn ?? grants[place].remaining) - (draws[place] ?? 0)
                let drawn = min(left, max(0, rest))
                draws[place, default: 0] += drawn
                left -= drawn
            }
        }
        for place in places { draws[place] = grants[place].drawn ?? draws[place] }
        return draws
    }

    /// Settles what is over: grants that have ended keep what they were drawn by in their period, and in a new period
    /// what is left of the others goes on.
    ///
    /// - Parameters:
    ///   - second: Unix seconds; so long ago that all usage up to then is known.
    ///   - period: The counter's period then.
    ///   - newest: Its period now. What was given in it since is left alone.
    ///   - used: What was used in the period that starts then.
    public mutating func settle(at second: Int64, in period: Period, newest: Period, used: (Int64) -> Int64) {
        var draws: [Int: Int64] = [:]
        for start in Set(grants.map(\.periodStart)) where start == period.start || start != newest.start {
            draws.merge(self.draws(in: start, used: used(start))) { $1 }
        }
        var kept: [Grant] = []
        for (place, grant) in grants.enumerated() {
            guard let drawn = draws[place] else {
                // Given in a period that has begun since.
                kept.append(grant)
                continue
            }
            var grant = grant
            if grant.periodStart == period.start {
                if grant.drawn == nil, grant.end <= second { grant.drawn = drawn }
                grant.periodEnd = period.end
                // What drew nothing, and never will, lifts no limit.
                if grant.drawn != 0 { kept.append(grant) }
            } else if grant.end > second, grant.remaining > drawn {
                grant.remaining -= drawn
                grant.base = 0
                (grant.periodStart, grant.periodEnd) = (period.start, period.end)
                kept.append(grant)
            }
        }
        grants = kept
    }
}
