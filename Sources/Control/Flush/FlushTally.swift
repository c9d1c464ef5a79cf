import Billing
import RedisLink

/// Counts what a round does, with a few examples of everything.
struct FlushTally {
    private static let mostExamples = 5

    private(set) var report = FlushReport()
    private var waiting: [String: FlushReport.Waiting] = [:]

    mutating func noteSent() { report.sent += 1 }

    mutating func noteAcknowledged(units: Int64) {
        report.acknowledged += 1
        report.units += units
    }

    mutating func noteFailure(_ hour: HourKey, _ reason: String) {
        report.failed += 1
        guard report.failures.count < Self.mostExamples else { return }
        report.failures.append(Self.example(hour, reason))
    }

    mutating func noteWaiting(_ hour: HourKey, _ state: OwedState) {
        var entry = waiting[state.name] ?? FlushReport.Waiting(state: state.name, count: 0, examples: [])
        entry.count += 1
        if entry.examples.count < Self.mostExamples { entry.examples.append(Self.example(hour, state.description)) }
        waiting[state.name] = entry
    }

    mutating func noteWaiting(_ hours: [StoredHour], _ state: OwedState) {
        for hour in hours { noteWaiting(OwedHour(hour).key, state) }
    }

    /// So many hours wait for one reason, and none of them was looked at.
    mutating func noteAllWaiting(_ state: OwedState, count: Int) {
        if count > 0 { waiting[state.name] = FlushReport.Waiting(state: state.name, count: count, examples: []) }
    }

    mutating func stop(_ reason: String) {
        if report.stopped == nil { report.stopped = reason }
    }

    func finished(owed: Int) -> FlushReport {
        var report = report
        report.waiting = waiting.values.sorted { $0.state < $1.state }
        report.owed = owed
        return report
    }

    private static func example(_ hour: HourKey, _ detail: String) -> FlushReport.Hour {
        FlushReport.Hour(
            tenant: hour.tenant, meter: hour.meter, hour: InstantText.text(hour: hour.hour), detail: detail)
    }
}
