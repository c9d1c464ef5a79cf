@testable import Metering

/// A holder of the simulation: the product's leases, with a ledger and a process around them that can be lost.
struct SimHolder {
    let index: Int
    /// The name its operator gave it; two holders may have the same.
    let holderID: String
    var name: String
    var incarnation: Int
    /// Counts the starts of the process: a reply to an earlier one finds nobody.
    var generation = 0
    var isUp = true
    var isPaused = false
    /// Its boot clock is ahead of the world's time by this much.
    var clockOffset: Int64
    /// How many points of danger it passes before it is killed.
    var fuse: Int?

    // The ledger.
    var leases: [Int64: Lease] = [:]
    var hours: [Int64: HourTotals] = [:]

    // What a kill takes away.
    var view = StoreView()
    var lines: [Int64: WaitingLine] = [:]
    var acknowledged: [Int64: HourTotals] = [:]
    var version = ""
    var limit: Int64 = 0
    var windows: [Int64: ThresholdWindow] = [:]

    var works: Bool { isUp && !isPaused }
    var periods: [Int64] { leases.keys.sorted() }

    /// The periods that it knows anything of: of some it has only hours that Redis decided.
    func periods(in calendar: SimCalendar) -> Set<Int64> {
        Set(leases.keys).union(hours.keys.map { calendar.period(hour: $0) })
    }

    /// The hours that Redis has not acknowledged, or all that were asked for.
    func unsent(period: Int64, in calendar: SimCalendar) -> [HourTotals] {
        hours.values.filter { calendar.period(hour: $0.hour) == period && acknowledged[$0.hour] != $0 }
            .sorted { $0.hour < $1.hour }
    }

    mutating func forgetAcknowledgements() {
        acknowledged = [:]
        for period in periods { leases[period]?.forgetAcknowledgements() }
    }

    /// The process ends. What is in the ledger stays.
    mutating func die() {
        isUp = false
        isPaused = false
        fuse = nil
        generation += 1
        view = StoreView()
        lines = [:]
        acknowledged = [:]
        version = ""
        limit = 0
        windows = [:]
        for (period, lease) in leases {
            leases[period] = Lease(
                granted: lease.granted, returned: lease.returned, spent: lease.spent, reserved: lease.reserved)
        }
    }

    mutating func loseLedger(incarnation: Int, name: String) {
        die()
        leases = [:]
        hours = [:]
        self.incarnation = incarnation
        self.name = name
    }
}

/// Short hours and periods, so that a history sees many.
struct SimCalendar {
    static let hourLength: Int64 = 5_000_000
    let hoursInPeriod: Int64

    func hour(at now: Int64) -> Int64 { now / Self.hourLength }
    func period(hour: Int64) -> Int64 { hour / hoursInPeriod }
    func period(at now: Int64) -> Int64 { period(hour: hour(at: now)) }
}
