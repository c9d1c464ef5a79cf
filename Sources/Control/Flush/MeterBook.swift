import Billing
import Metering
import StripeAPI

/// The meters at Stripe as they were when they were last read.
struct MeterBook {
    /// How long a reading counts, in milliseconds. A meter that was fit stays so unless somebody deactivates it.
    static let lifetime: Int64 = 300_000

    private var meters: [String: [MeterFacts]] = [:]
    /// Milliseconds since the Unix epoch; nil before the first reading.
    private(set) var readAt: Int64?

    mutating func learn(_ list: [BillingMeter], now: Int64) {
        meters = Dictionary(grouping: list, by: \.eventName).mapValues { $0.map { MeterFacts($0) } }
        readAt = now
    }

    /// The next round reads them again.
    mutating func expire() { readAt = nil }

    /// Nil before the first reading.
    func fit(_ eventName: String, _ mode: StripeMeter.Mode) -> MeterFit? {
        guard readAt != nil else { return nil }
        return MeterFit.judge(eventName: eventName, meters: meters[eventName] ?? [], adds: mode == .sum)
    }

    /// Whether the meters have to be read before anything is sent to them: the reading is too old, or was made before
    /// `roundStart` and does not have all of them fit.
    func isStale(for wanted: [(eventName: String, mode: StripeMeter.Mode)], now: Int64, roundStart: Int64) -> Bool {
        guard let readAt, now >= readAt, now - readAt < Self.lifetime else { return true }
        guard readAt < roundStart else { return false }
        return wanted.contains { if case .fit = fit($0.eventName, $0.mode) { false } else { true } }
    }
}
