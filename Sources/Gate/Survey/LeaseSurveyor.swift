internal import Metering
internal import Reactor

/// Looks through the leases in memory for who watches: some at a time beside the decisions, so that no answer waits for
/// it, and no more than a bound.
///
/// Leases come and go meanwhile. One that moved may be missed, or seen twice and named once: the next look is right.
final class LeaseSurveyor {
    /// Called with what was found; with nil when the gate ends, or too many ask at once.
    typealias Answer = (LeaseSurvey?) -> Void

    /// Leases, or tenants without one, looked at in one step: each costs about half a microsecond, and whoever asks for
    /// a decision meanwhile waits for the step's end.
    private static let mostInStep = 128
    /// Places in the table of tenants passed in one step, most of them empty.
    private static let mostPlacesInStep = 4096
    /// Between two steps, so that decisions have most of the time.
    private static let interval: Int64 = 250
    /// Leases looked at in all: half a second, and more where the loop sleeps between steps, a millisecond at least.
    private static let mostLooked = 200_000
    /// Requests that wait for one look.
    private static let mostRequests = 16

    private struct Watcher {
        let order: SurveyRequest.Order
        var ranking: Ranking<HeldLease>
        let answer: Answer
    }

    /// The gate outlives it.
    private unowned(unsafe) let server: GateServer
    private let mostLooked: Int
    private let mostInStep: Int
    private var timer: LoopTimer?
    /// Who waits for the next look, and whom this one is for.
    private var requests: [(request: SurveyRequest, answer: Answer)] = []
    private var watchers: [Watcher] = []
    /// Where it has come: first down the active leases, which no busy one is missing from; then the idle ones, tenant
    /// by tenant.
    private var activeCursor = 0
    private var tenantCursor = 0
    private var looked = 0
    private var seen = 0

    init(
        server: GateServer, mostLooked: Int = LeaseSurveyor.mostLooked, mostInStep: Int = LeaseSurveyor.mostInStep
    ) {
        self.server = server
        self.mostLooked = mostLooked
        self.mostInStep = mostInStep
        timer = server.loop.makeTimer { [unowned self] in step() }
    }

    func survey(_ request: SurveyRequest, _ answer: @escaping Answer) {
        guard requests.count < Self.mostRequests else { return answer(nil) }
        requests.append((request, answer))
        if watchers.isEmpty { begin() }
    }

    /// Lets everybody go. The gate's loop has ended.
    func close() {
        timer?.disarm()
        for watcher in watchers { watcher.answer(nil) }
        for request in requests { request.answer(nil) }
        (watchers, requests) = ([], [])
    }

    private func begin() {
        watchers = requests.map {
            Watcher(order: $0.request.order, ranking: Ranking(limit: $0.request.limit), answer: $0.answer)
        }
        requests = []
        (activeCursor, tenantCursor, looked, seen) = (server.book.active.count, 0, 0, 0)
        step()
    }

    private func step() {
        let book: LeaseBook = server.book
        let end = min(mostLooked, looked + mostInStep)
        let second = server.redisSecond
        activeCursor = min(activeCursor, book.active.count)
        while activeCursor > 0, looked < end {
            activeCursor -= 1
            looked += 1
            look(at: book.active[activeCursor], second)
        }
        let lastPlace = min(server.directory.placeCount, tenantCursor + Self.mostPlacesInStep)
        while tenantCursor < lastPlace, looked < end {
            if let entry = server.directory.entry(atPlace: tenantCursor) {
                looked += 1
                for case .some(let held) in entry.leases where held.place < 0 { look(at: held, second) }
            }
            tenantCursor += 1
        }
        if tenantCursor >= server.directory.placeCount || looked >= mostLooked {
            finish()
        } else {
            timer?.arm(at: server.loop.now + Self.interval)
        }
    }

    private func look(at held: HeldLease, _ second: Int64) {
        // What is over is only kept until Redis has all of it.
        guard !held.isOver, second < held.terms.period.end else { return }
        seen += 1
        let rate = held.lease.spendingRate(now: server.loop.now)
        let share = LeaseReading.share(used: held.lease.used, limit: held.terms.limit)
        for index in watchers.indices {
            switch watchers[index].order {
            case .rate: watchers[index].ranking.offer(held, (Double(rate), held.lease.used))
            case .share: if let share { watchers[index].ranking.offer(held, (share, rate)) }
            }
        }
    }

    private func finish() {
        let now = server.loop.now
        let isCut = looked >= mostLooked && (activeCursor > 0 || tenantCursor < server.directory.placeCount)
        let ended = watchers
        watchers = []
        for watcher in ended {
            let readings = watcher.ranking.members.map { $0.reading(now: now) }
            watcher.answer(
                LeaseSurvey(
                    readings: Self.sorted(readings, watcher.order), seen: seen, isCut: isCut, instant: now))
        }
        if !requests.isEmpty { begin() }
    }

    /// Equal ones by name, so that they keep their places from look to look.
    private static func sorted(_ readings: [LeaseReading], _ order: SurveyRequest.Order) -> [LeaseReading] {
        readings.sorted { one, other in
            let scores =
                switch order {
                case .rate: ((Double(one.rate), one.used), (Double(other.rate), other.used))
                case .share: ((one.share ?? 0, one.rate), (other.share ?? 0, other.rate))
                }
            guard scores.0 == scores.1 else { return scores.0 > scores.1 }
            return (one.key.tenant, one.key.meter) < (other.key.tenant, other.key.meter)
        }
    }
}

extension HeldLease {
    /// How it stands now.
    func reading(now: Int64) -> LeaseReading {
        LeaseReading(
            key: key, used: lease.used, limit: terms.limit, mode: terms.mode, rate: lease.spendingRate(now: now),
            unspent: lease.unspent(now: now), unsettled: lease.unacknowledged, waiting: line.count,
            periodEnd: terms.period.end,
            threshold: Threshold.highest(of: terms.alerts, past: lease.used, of: terms.limit))
    }
}
