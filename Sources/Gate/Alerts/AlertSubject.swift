internal import Metering

/// The total whose thresholds are looked at, and the limit that they are thresholds of.
struct AlertSubject {
    let entry: TenantEntry
    /// The version of the tenant's record that the limit comes from.
    let version: String
    let meter: String
    let limit: Int64
    let thresholds: [Threshold]
    /// The counter's period; nil for a level.
    let period: Period?
    /// Who asked, and is told what Redis saw.
    let watcher: any ThresholdWatcher

    init(_ held: HeldLease) {
        entry = held.entry
        version = held.entry.versionText
        meter = held.key.meter
        limit = held.terms.limit
        thresholds = held.terms.alerts
        period = held.terms.period
        watcher = held
    }

    init(_ slot: MeterSlot, _ meter: String, _ entry: TenantEntry) {
        self.entry = entry
        self.meter = meter
        version = entry.versionText
        limit = slot.limit
        thresholds = slot.alerts
        period = slot.period
        watcher = slot
    }

    /// The same total by the limit in force now.
    var renewed: AlertSubject { (watcher as? HeldLease).map { AlertSubject($0) } ?? self }
}
