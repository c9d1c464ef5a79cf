/// A point of a limit at which somebody wants to be told.
public struct Threshold: Sendable, Equatable {
    /// Where it lies.
    public enum Point: Sendable, Equatable {
        /// So many hundredths of the limit in force, 1 to 1000.
        case percent(Int64)
        /// A total, 1 to ``Amount/largest``.
        case amount(Int64)
    }

    /// Which way a total crosses it.
    public enum Direction: String, Sendable, CaseIterable {
        /// It reaches it from below.
        case up
        /// It falls below it, after it had reached it.
        case down
        /// Either.
        case both
    }

    /// The percentages that a threshold may lie at.
    public static let percentages: ClosedRange<Int64> = 1...1000
    /// How many a limit may have.
    public static let most = 16
    /// What a limit has whose catalogue says nothing of it.
    public static let standard = [Threshold(.percent(80)), Threshold(.percent(100))]

    /// Where it lies.
    public var point: Point
    /// Which way it is crossed.
    public var direction: Direction

    /// A threshold; Settings validates what a catalogue says.
    public init(_ point: Point, _ direction: Direction = .up) {
        self.point = point
        self.direction = direction
    }

    /// Its name, by which Redis remembers that it was crossed: `80%`, `5000`.
    public var label: String {
        switch point {
        case .percent(let percent): "\(percent)%"
        case .amount(let amount): String(amount)
        }
    }

    /// The least total that is past it; nil without a limit, of which nothing is ever past.
    ///
    /// At least 1, so that nothing used is past nothing: of a limit of 0, the first unit is.
    public func total(of limit: Int64) -> Int64? {
        guard limit >= 0 else { return nil }
        switch point {
        // Rounded up: 85% of 10 is passed at 9. A limit has fifteen digits, so the product fits.
        case .percent(let percent): return max(1, (limit * percent + 99) / 100)
        case .amount(let amount): return max(1, amount)
        }
    }
}

extension Threshold {
    /// The label of the highest threshold that a total is past; nil past none.
    public static func highest(of thresholds: [Threshold], past used: Int64, of limit: Int64) -> String? {
        var highest: (total: Int64, threshold: Threshold)?
        for threshold in thresholds {
            guard let total = threshold.total(of: limit), total <= used, total > highest?.total ?? 0 else { continue }
            highest = (total, threshold)
        }
        return highest?.threshold.label
    }
}
