internal import Ledger
internal import Logging
internal import Metering
internal import Reactor
internal import RedisLink

/// What this holder may spend by itself: the leases in memory, the ledger they are kept in, and the syncs that renew
/// them. Lives on the gate's loop.
final class LeaseBook {
    /// The gate outlives its book.
    unowned(unsafe) let server: GateServer
    let ledger: LedgerFile
    private(set) var settings: LeaseSettings
    let partitions: PartitionViews
    private(set) lazy var syncs = SyncQueue(book: self)
    private(set) lazy var resend = LedgerResend(book: self)
    private(set) lazy var reservations = ReservationBook(book: self)
    let isPowerSafe: Bool
    let log: Logger
    var fullLog: ThrottledLog
    var syncFailureLog: ThrottledLog
    /// What the decision in hand found of each meter; all calls use it in turn.
    var outcomes: [MeterOutcome] = []
    /// The number of the reservation that the decision in hand has made, and what the commit in hand has counted.
    var reserved: UInt64 = 0
    var counts: [CountRow] = []
    /// The leases of the decision in hand.
    var leases: [HeldLease] = []
    /// Leases that have something unspent or unsent, or calls that wait.
    var active: [HeldLease] = []
    var tails = ReplyTails()
    var upkeepCursor = 0
    var rowCursor = 0
    var upkeep = UpkeepPass()
    /// Leases with calls that wait.
    var waitingLeases: [HeldLease] = []
    var upkeepTimer: LoopTimer?
    var askTimer: LoopTimer?
    var settleTimer: LoopTimer?
    /// Who wants to know when Redis has everything, and until when they wait.
    var settling: [Settling] = []
    /// Leases that are over and not at rest, by their rows.
    var retired: [SlotIndex: HeldLease] = [:]
    /// The most holders that were heard to have a lease of anything.
    var mostHolders = 1
    /// Leases whose lines are to be served, and whether that is under way.
    var toServe: [HeldLease] = []
    var isServing = false
    /// Calls for Redis to decide that wait until their partition was told everything.
    var untoldCalls: [SpendCall] = []
    /// Refunds that give others the time to tell what they used.
    var recallingRefunds: [SpendCall] = []
    var refundTimer: LoopTimer?
    private var nextToken = 0
    /// Whether the ledger has changed since it was last put on the disk.
    var isLedgerDirty = false
    var isHandingBack = false

    init(server: GateServer, ledger: LedgerFile) {
        let configuration = server.rules.configuration
        self.server = server
        self.ledger = ledger
        settings = configuration.leases
        isPowerSafe = configuration.ledger.durability == .power
        log = server.log
        fullLog = ThrottledLog(logger: server.log)
        syncFailureLog = ThrottledLog(logger: server.log)
        partitions = PartitionViews(count: configuration.keys.partitions)
        upkeepTimer = server.loop.makeTimer { [unowned self] in lookAfterLeases() }
        settleTimer = server.loop.makeTimer { [unowned self] in checkSettled() }
        askTimer = server.loop.makeTimer { [unowned self] in askAgain() }
        refundTimer = server.loop.makeTimer { [unowned self] in refundAgain() }
    }

    /// Follows a reloaded configuration.
    func reload(_ configuration: GateConfiguration) {
        settings.recallDeadline = configuration.leases.recallDeadline
        settings.reservationTTL = configuration.leases.reservationTTL
        syncs.reload(configuration)
    }

    var metrics: GateMetrics { server.metrics }
    var now: Int64 { server.loop.now }

    func makeToken() -> Int {
        nextToken &+= 1
        return nextToken
    }

    // MARK: - Leases in memory

    /// The lease of a tenant's counter for this second of Redis's clock; nil when the ledger has no room for it.
    func held(_ entry: TenantEntry, _ meter: Int, at second: Int64) -> HeldLease? {
        if let held = entry.leases[meter], held.isCurrent(at: second) { return held }
        return open(entry, meter, at: second)
    }

    private func open(_ entry: TenantEntry, _ meter: Int, at second: Int64) -> HeldLease? {
        let terms = terms(entry, meter, at: second)
        if terms.isConcurrency {
            entry.setLease(nil, meter)
            return makeLease(entry, meter, terms, hour: 0, end: .max)
        }
        let hour = second / 3600
        let end = min(terms.period.end, (hour + 1) * 3600)
        let start = UInt32(clamping: terms.period.start / 60)
        // One at rest has let go of its rows: they are looked for anew.
        if let held = entry.leases[meter], held.place >= 0 {
            if held.terms.period.start == terms.period.start {
                let place = SlotPlace.usage(periodStart: start, hour: UInt32(clamping: hour))
                guard let row = makeRow(place, entry, held.meterName, reserve: terms.isLeaseOff)?.row else {
                    return nil
                }
                goOn(row, entry, held.meterName, terms, hour: hour, isNew: true)
                held.beginHour(HeldLease.HourRow(hour: hour, row: row), end: end, in: ledger)
                held.follow(terms, tails.tail(terms.limit))
                activate(held)
                return held
            }
            retire(held)
        }
        entry.setLease(nil, meter)
        return makeLease(entry, meter, terms, hour: hour, end: end)
    }

    /// What the plan says of a tenant's counter for this second of Redis's clock.
    func terms(_ entry: TenantEntry, _ meter: Int, at second: Int64) -> MeterTerms {
        let rules = server.rules
        let definition = rules.catalogue.meters[meter]
        let period = rules.calendar.period(of: definition, at: second, tenant: entry.tenant)
        return MeterTerms(definition, entry.entitlement.limit(for: definition.name, in: period), period)
    }

    private func makeLease(
        _ entry: TenantEntry, _ meter: Int, _ terms: MeterTerms, hour: Int64, end: Int64
    ) -> HeldLease? {
        let name = server.rules.catalogue.meters[meter].name
        let meterName = Array(name.utf8)
        let start = UInt32(clamping: terms.period.start / 60)
        guard let lease = makeRow(.lease(periodStart: start), entry, meterName, reserve: terms.isLeaseOff) else {
            return nil
        }
        var hourRow: HeldLease.HourRow?
        if !terms.isConcurrency {
            let place = SlotPlace.usage(periodStart: start, hour: UInt32(clamping: hour))
            guard let made = makeRow(place, entry, meterName, reserve: terms.isLeaseOff) else {
                if lease.isNew { ledger.lease(lease.row).setSettled(true) }
                return nil
            }
            goOn(made.row, entry, meterName, terms, hour: hour, isNew: made.isNew)
            hourRow = HeldLease.HourRow(hour: hour, row: made.row)
        }
        let slot = ledger.lease(lease.row)
        if slot.isSettled { slot.setSettled(false) }
        if let held = retired.removeValue(forKey: lease.row) {
            if let hourRow { held.beginHour(hourRow, end: end, in: ledger) }
            (held.isOver, held.entry) = (false, entry)
            held.follow(terms, tails.tail(terms.limit))
            entry.setLease(held, meter)
            return held
        }
        let held = HeldLease(
            key: LeaseKey(tenant: entry.name, meter: name, period: terms.period.start), partition: entry.partition,
            entry: entry, meterName: meterName, terms: terms, tail: tails.tail(terms.limit),
            lease: Lease(granted: slot.granted, returned: slot.returned, spent: slot.spent, reserved: slot.reserved),
            row: lease.row, hour: hourRow, hourEnd: end)
        // Where not everything was told yet, what was acknowledged before says nothing.
        held.edition = partitions.isTold(held.partition) ? partitions.edition(held.partition) : -1
        held.holderCount = mostHolders
        if !lease.isNew {
            // A lease that was not in memory has ended, whatever it had.
            held.lease.expire(now: now)
            held.store(in: ledger)
            findUnsent(of: held)
            reservations.attach(held)
        }
        entry.setLease(held, meter)
        activate(held)
        return held
    }

    /// The lease of a period that a reservation was made in, which may be over; nil when its row is gone.
    func heldForRow(_ entry: TenantEntry, _ meterName: [UInt8], period: Int64, hour: Int64) -> HeldLease? {
        guard let meter = server.rules.meterIndex(meterName.span) else { return nil }
        if let held = held(entry, meter, at: server.redisSecond), held.key.period == period { return held }
        let id = entry.id
        let place = SlotPlace.lease(periodStart: UInt32(clamping: period / 60))
        let key = ledger.tenantHash(id.span).pair(ledger.meterHash(meterName.span)).key(place)
        guard let row = ledger.find(key) else { return nil }
        if let held = retired[row] { return held }
        let slot = ledger.lease(row)
        let then = Period(start: period, end: (hour + 1) * 3600, exactStart: period)
        let definition = server.rules.catalogue.meters[meter]
        let terms = MeterTerms(definition, entry.entitlement.limit(for: definition.name, in: then), then)
        let held = HeldLease(
            key: LeaseKey(tenant: entry.name, meter: definition.name, period: period), partition: entry.partition,
            entry: entry, meterName: meterName, terms: terms, tail: tails.tail(terms.limit),
            lease: Lease(granted: slot.granted, returned: slot.returned, spent: slot.spent, reserved: slot.reserved),
            row: row, hour: nil, hourEnd: .min)
        held.isOver = true
        held.edition = partitions.isTold(held.partition) ? partitions.edition(held.partition) : -1
        findUnsent(of: held)
        retired[row] = held
        activate(held)
        reservations.attach(held)
        return held
    }

    /// A row of the ledger, made if need be; nil when there is no room.
    func makeRow(
        _ place: SlotPlace, _ entry: TenantEntry, _ meterName: [UInt8], reserve: Bool
    ) -> (row: SlotIndex, isNew: Bool)? {
        let id = entry.id
        for attempt in 0..<2 {
            switch ledger.create(place, tenant: id.span, meter: meterName.span, mayUseReserve: reserve) {
            case .created(let row):
                isLedgerDirty = true
                return (row, true)
            case .found(let row): return (row, false)
            case .full(let shortage):
                guard attempt == 0, makeRoom() else {
                    metrics.add(.ledgerFull)
                    fullLog.warning(
                        "the ledger is full: Redis decides for tenants without a row", ["shortage": "\(shortage)"])
                    return nil
                }
            }
        }
        return nil
    }

    func makeRoom() -> Bool {
        do throws(LedgerError) {
            return try ledger.reclaim(currentHour: currentHour) > 0
        } catch {
            fullLog.warning("the ledger could not be tidied", ["reason": "\(error)"])
            return false
        }
    }

    /// The first hour that may still get usage.
    var currentHour: UInt32 {
        UInt32(clamping: min(server.redisSecond / 3600 - 1, reservations.oldestHour ?? .max))
    }

    /// Ends a lease whose period is over or whose meter is gone: what is unspent goes back, and once Redis has all of
    /// it, it is let go.
    func retire(_ held: HeldLease) {
        guard !held.isOver else { return }
        held.isOver = true
        held.noteHour(in: ledger)
        retired[held.row] = held
        giveBack(held)
        // Before its successor: what the hour's total grew by is the period's that says so first.
        if held.hasUnsent(ledger) { syncs.list(held, isUrgent: true) }
        activate(held)
    }

    /// Gives back what is unspent.
    func giveBack(_ held: HeldLease) {
        held.lease.giveBack()
        store(held)
    }

    /// Writes a lease's changed totals to the ledger.
    func store(_ held: HeldLease) {
        held.store(in: ledger)
        isLedgerDirty = true
    }

    /// Lists a lease among those to be looked after.
    func activate(_ held: HeldLease) {
        guard held.place < 0 else { return }
        held.place = active.count
        active.append(held)
        if let upkeepTimer, !upkeepTimer.isArmed { upkeepTimer.arm(at: now + Self.upkeepInterval) }
    }

    func deactivate(_ held: HeldLease) {
        guard held.place >= 0, let last = active.popLast() else { return }
        if last !== held {
            active[held.place] = last
            last.place = held.place
        }
        held.place = -1
    }

    /// How often some of the leases are looked after.
    static let upkeepInterval: Int64 = 10_000
}
