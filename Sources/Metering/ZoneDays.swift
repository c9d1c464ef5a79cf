import Foundation

/// Days and calendar months of a time zone, with exact edges. Foundation gives the zone's offsets from UTC, the
/// calendar is our own.
///
/// A day starts at the first instant whose local date it is. Local midnight may not exist (clocks go forward over it),
/// come twice (clocks go back to it or across it), and a whole date may be missing (Samoa, 30 December 2011).
struct ZoneDays: Sendable, Equatable {
    private let zone: TimeZone
    private let isUTC: Bool

    init(_ zone: TimeZone) {
        self.zone = zone
        isUTC = ["UTC", "GMT", "Etc/UTC", "Etc/GMT"].contains(zone.identifier)
    }

    func day(at instant: Int64) -> Period {
        var day = localDay(at: instant)
        var end = startOfDay(day + 1)
        // Clocks that go back across midnight show the old date again after the new one has begun.
        while end <= instant {
            day += 1
            end = startOfDay(day + 1)
        }
        let start = startOfDay(day)
        return Period(start: start, end: end, exactStart: start)
    }

    func month(at instant: Int64) -> Period {
        let date = CivilDate(daysSinceEpoch: localDay(at: instant))
        var first = CivilDate(year: date.year, month: date.month, day: 1)
        var next = first.addingMonths(1)
        var end = startOfDay(next.daysSinceEpoch)
        while end <= instant {
            first = next
            next = first.addingMonths(1)
            end = startOfDay(next.daysSinceEpoch)
        }
        let start = startOfDay(first.daysSinceEpoch)
        return Period(start: start, end: end, exactStart: start)
    }

    private func localDay(at instant: Int64) -> Int64 {
        floorDivide(instant + offset(at: instant), CivilDate.secondsPerDay)
    }

    /// The first instant of a local date, which is counted in days since 1970-01-01.
    private func startOfDay(_ day: Int64) -> Int64 {
        let midnight = day * CivilDate.secondsPerDay
        // Offsets lie within 15 hours of UTC: both probes are on their side of the edge, wherever it is.
        let before = offset(at: midnight - CivilDate.secondsPerDay)
        let after = offset(at: midnight + CivilDate.secondsPerDay)
        guard before != after else { return midnight - before }
        let transition = firstInstant(
            withOffset: after, from: midnight - CivilDate.secondsPerDay, to: midnight + CivilDate.secondsPerDay)
        let byOldClock = midnight - before
        let byNewClock = midnight - after
        if byOldClock < transition { return byOldClock }
        return max(byNewClock, transition)
    }

    /// The first instant of the range from which on the zone has this offset. The range holds one change of offset:
    /// no zone has had two within 48 hours.
    private func firstInstant(withOffset wanted: Int64, from low: Int64, to high: Int64) -> Int64 {
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == wanted { high = middle } else { low = middle }
        }
        return high
    }

    private func offset(at instant: Int64) -> Int64 {
        isUTC ? 0 : Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
    }
}
