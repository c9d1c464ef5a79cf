@testable import Metering

/// A threshold of a period.
struct SimCrossing: Hashable {
    let period: Int64
    let label: String
}

/// Thresholds: holders ask when what they hear may have crossed one, and Redis remembers which were told.
extension SimWorld {
    static let thresholds = [Threshold(.amount(10)), Threshold(.amount(20))]

    /// A holder hears of a total.
    mutating func hear(_ used: Int64, of period: Int64, at index: Int) throws(SimFailure) {
        let window =
            holders[index].windows[period]
            ?? ThresholdWindow(unasked: Self.thresholds, of: Amount.largest)
        // Some questions get lost; the next hearing asks again.
        guard !window.contains(used), delivered % 7 != 0 else { return }
        let seen = store.usages[key(period)]?.used ?? 0
        for threshold in Self.thresholds where seen >= threshold.total(of: Amount.largest) ?? .max {
            try tell(SimCrossing(period: period, label: threshold.label), seen)
        }
        holders[index].windows[period] = ThresholdWindow(asked: Self.thresholds, of: Amount.largest, used: seen)
    }

    private mutating func tell(_ crossing: SimCrossing, _ used: Int64) throws(SimFailure) {
        guard store.toldCrossings.insert(crossing).inserted else { return }
        crossings[crossing, default: 0] += 1
        let times = crossings[crossing] ?? 0
        guard times <= 1 + lapses else {
            throw SimFailure("\(crossing.label) of period \(crossing.period) was told \(times) times")
        }
    }

    /// At the end: what is past a threshold was told to be.
    func checkCrossings() throws(SimFailure) {
        for (key, usage) in store.usages where holders.contains(where: { $0.leases[key.period] != nil }) {
            for threshold in Self.thresholds where usage.used >= threshold.total(of: Amount.largest) ?? .max {
                guard crossings[SimCrossing(period: key.period, label: threshold.label)] != nil else {
                    throw SimFailure("period \(key.period) is at \(usage.used), and \(threshold.label) was never told")
                }
            }
        }
    }
}
