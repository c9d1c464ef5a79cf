internal import Metering

/// What a gate knows of the thresholds that one total is past. Redis knows for certain; this only tells when to ask.
struct ThresholdWatch {
    private(set) var window: ThresholdWindow
    private let isLevel: Bool
    /// Whether Redis is being asked, and whether something was heard since that it may not have seen.
    var isAsking = false
    var isBehind = false

    init(_ limit: Limit, isLevel: Bool) {
        self.isLevel = isLevel
        window = Self.window(limit.alerts, of: limit.value, isLevel: isLevel)
    }

    init(_ terms: MeterTerms) {
        isLevel = false
        window = Self.window(terms.alerts, of: terms.limit, isLevel: false)
    }

    private static func window(_ thresholds: [Threshold], of limit: Int64, isLevel: Bool) -> ThresholdWindow {
        guard isLevel else { return ThresholdWindow(unasked: thresholds, of: limit) }
        return thresholds.isEmpty || limit < 0 ? .endless : .unknown
    }

    /// The limit or its thresholds are others.
    mutating func follow(_ terms: MeterTerms) {
        window = Self.window(terms.alerts, of: terms.limit, isLevel: isLevel)
    }

    /// Redis has looked at a total. Of a level this gate goes by its own calls from then on: others move it as well.
    mutating func looked(at used: Int64, _ thresholds: [Threshold], of limit: Int64) {
        window = isLevel ? .endless : ThresholdWindow(asked: thresholds, of: limit, used: used)
    }
}

/// Whoever hears of a total: a lease, or what a gate remembers of a meter that Redis decides.
protocol ThresholdWatcher: AnyObject {
    /// What it knows.
    var watch: ThresholdWatch { get set }
}
