import TestSupport

@testable import Metering

/// Three holders, a Redis and a network, on one thread and in virtual time.
struct SimWorld {
    static let settings = LeaseSettings(recallDeadline: 500_000, reservationTTL: 20_000_000)
    static let tenant = "acme"
    static let meter = "messages"
    static let firstLimit: Int64 = 24

    let rules: Rules
    let calendar: SimCalendar
    /// Whether other tenants of the partition keep its life key up to date.
    let isBusy: Bool
    /// Whether a sync names one lease only, so that a resend takes several.
    let isChunked: Bool

    var now: Int64 = 1_000_000_000
    var redisOffset: Int64 = 1_790_000_000_000_000
    var run = 1
    var store: SyncStore
    var holders: [SimHolder] = []
    var network: [SimMessage] = []
    var snapshots: [SyncStore] = []
    var limits: [String: Int64] = [:]
    var reservations: [SimReservation] = []
    /// What is in flight: reservations of a meter of which nothing is ever used up.
    var held: [SimReservation] = []
    /// How often each threshold was told of, and how often Redis has forgotten what it had told.
    var crossings: [SimCrossing: Int] = [:]
    var lapses = 0
    var nextToken = 0
    var incarnations = 0

    // What is true, whatever anybody believes.
    var admitted: [Int64: Int64] = [:]
    var truth: [SimRow: HourTotals] = [:]
    var unanswered: [SimRow: Int64] = [:]
    /// What was refunded in all of a period, and of that without an answer in an hour.
    var refunded: [Int64: Int64] = [:]
    var unansweredRefunds: [SimRow: Int64] = [:]
    var caps: [Int64: Int64] = [:]
    var allowed: [Int64: Int64] = [:]
    var exceptions: [SimException: Int64] = [:]
    var lost: Set<String> = []
    var hasRolledBack = false
    var hasRecycled = false
    /// The holders that told everything they know in this life.
    var told: Set<String> = []
    var toldLife = StoreLife(run: "", born: 0)
    var refusals = 0
    var delivered = 0
    /// The requests as they reached Redis, when a test asks for them.
    var isTapped = false

    init(seed: UInt64, rules: Rules = .all, limit: Int64 = Self.firstLimit, faultless: Bool = false) {
        self.rules = rules
        calendar = SimCalendar(hoursInPeriod: seed % 2 == 0 ? 3 : 25)
        isBusy = seed % 5 != 0
        isChunked = seed % 4 == 1 && !faultless
        store = SyncStore(settings: Self.settings, rules: rules)
        let ids = seed % 3 == 0 && !faultless ? ["h0", "h1", "h1"] : ["h0", "h1", "h2"]
        for (index, id) in ids.enumerated() {
            incarnations += 1
            let offset = Int64(index) * 77_000_000
            var holder = SimHolder(
                index: index, holderID: id, name: "", incarnation: incarnations, clockOffset: offset)
            holder.name = name(id, incarnations)
            holders.append(holder)
        }
        setLimit(limit)
        snapshots = [store]
        for index in holders.indices { reload(index) }
        settle()
    }

    var redisNow: Int64 { now + redisOffset }
    var runID: String { "run\(run)" }
    var period: Int64 { calendar.period(at: now) }
    var hour: Int64 { calendar.hour(at: now) }

    func name(_ id: String, _ incarnation: Int) -> String {
        rules.contains(.incarnations) ? "\(id).\(incarnation)" : id
    }

    func key(_ period: Int64) -> LeaseKey { LeaseKey(tenant: Self.tenant, meter: Self.meter, period: period) }

    func time(_ holder: SimHolder) -> Int64 { now + holder.clockOffset }

    /// Runs the first learning through, so that a history begins with a Redis that grants.
    private mutating func settle() {
        for _ in 0..<2 {
            for index in holders.indices { try? roundTrip(index, want: 0) }
            try? advance(7_000_000)
        }
        for index in holders.indices { try? roundTrip(index, want: 0) }
        snapshots = [store]
    }

    // MARK: Time

    mutating func advance(_ duration: Int64) throws(SimFailure) {
        var left = duration
        while left > 0 {
            let slice = min(left, 500_000)
            now += slice
            left -= slice
            if isBusy { store.visit(run: runID, isFresh: false, now: redisNow) }
        }
        for index in holders.indices where holders[index].works { try serve(index, waitingOnly: true) }
        endHeld()
    }

    // MARK: The tenant's record

    mutating func setLimit(_ limit: Int64) {
        let version = "v\(limits.count)"
        let before = limits[store.versions[Self.tenant] ?? ""] ?? limit
        store.versions[Self.tenant] = version
        limits[version] = limit
        for period in Set(store.usages.keys.map(\.period)).union([self.period]).union(holders.flatMap(\.periods))
        where period != Self.flight {
            let cap = caps[period] ?? before
            guard limit < cap else {
                caps[period] = limit
                continue
            }
            // What is leased now can still be spent.
            let bound = (admitted[period] ?? 0) + outstanding(period) - (allowed[period] ?? 0)
            caps[period] = max(limit, min(cap, bound))
            exceptions[.lowered, default: 0] += max(0, min(cap, bound) - limit)
        }
    }

    private func outstanding(_ period: Int64) -> Int64 {
        let rows = store.usages[key(period)]?.rows ?? [:]
        let known = Set(holders.map(\.name))
        var sum = rows.reduce(0) { known.contains($1.key) ? $0 : $0 + $1.value.rest }
        for holder in holders {
            let lease = holder.leases[period]
            // A grant on its way counts, also one of a life that is over.
            let coming = network.reduce(Int64(0)) { most, message in
                guard message.holder == holder.index, case .reply(let reply, let asked) = message.content else {
                    return most
                }
                return zip(asked.items, reply.items).reduce(most) {
                    $1.0.key.period == period ? max($0, $1.1.granted) : $0
                }
            }
            let granted = max(lease?.granted ?? 0, coming)
            let here = granted - (lease?.returned ?? 0) - (lease?.spent ?? 0)
            sum += max(here, rows[holder.name]?.rest ?? 0)
        }
        return sum
    }

    mutating func cap(_ period: Int64) -> Int64 {
        if period == Self.flight { return Self.flightLimit }
        if let cap = caps[period] { return cap }
        let cap = limits[store.versions[Self.tenant] ?? ""] ?? 0
        caps[period] = cap
        return cap
    }

    mutating func reload(_ index: Int) {
        holders[index].version = store.versions[Self.tenant] ?? ""
        holders[index].limit = limits[holders[index].version] ?? 0
    }

    mutating func allow(_ amount: Int64, in period: Int64, _ why: SimException) {
        guard amount > 0 else { return }
        allowed[period, default: 0] += amount
        exceptions[why, default: 0] += amount
    }
}

/// A holder's hour.
struct SimRow: Hashable {
    let holder: String
    let hour: Int64
}

/// Units set aside at a holder.
struct SimReservation {
    let holder: Int
    let incarnation: Int
    let period: Int64
    let hour: Int64
    let amount: Int64
    /// On the holder's clock.
    let end: Int64
}
