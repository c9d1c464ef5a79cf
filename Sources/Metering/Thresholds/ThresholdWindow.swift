/// The totals between which no threshold is crossed, as far as one holder knows. Two compares tell it whether what it
/// hears is worth asking Redis about, where the thresholds that were crossed are remembered.
public struct ThresholdWindow: Sendable, Equatable {
    /// A total below it may have crossed downwards.
    public private(set) var lowest: Int64
    /// A total at it or above may have crossed upwards.
    public private(set) var end: Int64

    /// Of a limit without thresholds: nothing is ever crossed.
    public static let endless = ThresholdWindow(lowest: .min, end: .max)
    /// Nothing is known: any total is worth asking about.
    public static let unknown = ThresholdWindow(lowest: .max, end: .min)

    private init(lowest: Int64, end: Int64) {
        self.lowest = lowest
        self.end = end
    }

    /// Before anything was asked. Whoever wants to be told of a fall has to know first what was past, and only Redis
    /// does.
    public init(unasked thresholds: [Threshold], of limit: Int64) {
        self = .endless
        for threshold in thresholds {
            guard let total = threshold.total(of: limit) else { continue }
            guard threshold.direction == .up else {
                self = .unknown
                return
            }
            end = min(end, total)
        }
    }

    /// Once Redis has looked at a total.
    public init(asked thresholds: [Threshold], of limit: Int64, used: Int64) {
        self = .endless
        for threshold in thresholds {
            guard let total = threshold.total(of: limit) else { continue }
            if total > used {
                end = min(end, total)
            } else if threshold.direction != .up {
                lowest = max(lowest, total)
            }
        }
    }

    /// Whether a total is on the known side of every threshold.
    public func contains(_ used: Int64) -> Bool { used < end && used >= lowest }

    /// Whether a threshold lies between two totals, whichever is the larger.
    public static func isCrossed(
        _ thresholds: [Threshold], of limit: Int64, from before: Int64, to used: Int64
    ) -> Bool {
        thresholds.contains { threshold in
            guard let total = threshold.total(of: limit) else { return false }
            return (before < total) != (used < total)
        }
    }
}
