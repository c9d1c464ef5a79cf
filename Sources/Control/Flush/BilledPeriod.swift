import RedisLink

/// What Stripe has recorded of a subscription item in a period that is over.
struct BilledPeriod {
    /// Where it begins and ends at Stripe, Unix seconds.
    let exact: Range<Int64>
    /// The sum of its usage records.
    let total: Int64

    /// By how much that is more than what Stripe acknowledged, as far as it can be of hours in doubt; below zero where
    /// it is less.
    ///
    /// - Parameters:
    ///   - hours: all of the period, and last the one in which it ends.
    ///   - item: the subscription item.
    ///   - doubt: by how much Stripe may have more of the hours in doubt than is known.
    func beyond(_ hours: [StoredHour], of item: String, doubt: ClosedRange<Int64>) -> Int64 {
        let next = hours.last?.billed(item, before: exact.upperBound) ?? 0
        let acknowledged = hours.dropLast().reduce(next) { $0 + $1.billed(item, from: exact.lowerBound) }
        return min(max(total - acknowledged, doubt.lowerBound), doubt.upperBound)
    }
}

extension StoredHour {
    /// By how much a subscription item may have more of it than it acknowledged, at the least and at the most. In doubt
    /// is an hour whose send had no answer, one whose acknowledgement was taken back, and one that an earlier life of
    /// Redis may have sent, which is forgotten.
    fileprivate func doubt(of item: String, _ succession: Succession?) -> ClosedRange<Int64> {
        guard isOf(item) else { return 0...0 }
        let isForgotten = succession.map { key.hour * 3_600_000_000 <= $0.since && acknowledgedIn != $0.life } ?? false
        let isTakenBack = destination != nil && acknowledgedIn ?? 0 == 0
        guard sendingUntil != nil || isTakenBack || isForgotten else { return 0...0 }
        let known = max(0, acknowledged)
        return -known...max(0, (mostSent ?? known + Self.mostUnknown) - known)
    }

    /// More than any total, and so little that sums of it fit.
    private static let mostUnknown: Int64 = 1_000_000_000_000_000
}

extension [StoredHour] {
    /// The same of all of them together.
    func doubt(of item: String, _ succession: Succession?) -> ClosedRange<Int64> {
        reduce(0...0) { sum, hour in
            let doubt = hour.doubt(of: item, succession)
            return sum.lowerBound + doubt.lowerBound...sum.upperBound + doubt.upperBound
        }
    }
}
