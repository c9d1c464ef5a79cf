internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// Tells Redis everything the ledger has, row by row: after a start, and when Redis has lost its memory.
///
/// It goes through the ledger once for all partitions that have begun a new life, in small steps beside the decisions.
/// Leases in memory are told anew by themselves; to be told twice changes nothing.
final class LedgerResend {
    /// Leases on their way at once.
    private static let mostInFlight = 256
    private static let mostTogether = 32
    private static let interval: Int64 = 2000
    /// Before a Redis that takes nothing now is tried again.
    private static let pause: Int64 = 100_000
    /// Slots looked at in one step: a fraction of a millisecond.
    private static let mostInStep = 4096
    /// How long a billing period can be at most, in seconds.
    private static let longestPeriod: Int64 = 367 * 86_400

    /// The book owns it.
    private unowned(unsafe) let book: LeaseBook
    private var timer: LoopTimer?
    /// The partitions of this pass, and those of them where a message was lost.
    private var partitions: Set<Int> = []
    private var lost: Set<Int> = []
    private var isHeldUp = false
    private var cursor: SlotIndex?
    private var isRunning = false
    private var hasReachedEnd = false
    private var inFlight = 0
    private var waiting: [LedgerRows] = []
    /// Rows that are sent one by one.
    private var apart: [LedgerRows] = []

    init(book: LeaseBook) {
        self.book = book
        timer = book.server.loop.makeTimer { [unowned self] in step() }
    }

    /// Whether anything has still to be told.
    var isOver: Bool { !isRunning && book.partitions.untold.isEmpty }

    /// Begins, unless it is under way: then another pass follows.
    func begin(_ partition: Int? = nil) {
        // What this pass has told already, it told to the life before.
        if isRunning, let partition { lost.insert(partition) }
        if let timer, timer.deadline > book.now + Self.interval { timer.arm(at: book.now + Self.interval) }
    }

    private func step() {
        guard book.server.redis.isReady else { return stop() }
        if !isRunning {
            partitions = book.partitions.untold
            guard !partitions.isEmpty else { return }
            (isRunning, hasReachedEnd, cursor, lost, isHeldUp) = (true, false, nil, [], false)
        }
        collect()
        send()
        sendApart()
        if hasReachedEnd, waiting.isEmpty, apart.isEmpty, inFlight == 0 { end() }
        guard isRunning || !book.partitions.untold.isEmpty else { return }
        timer?.arm(at: book.now + (!isRunning && isHeldUp ? Self.pause : Self.interval))
    }

    /// Redis is gone: the pass begins anew when it is back.
    private func stop() {
        isRunning = false
        waiting = []
        apart = []
        if !book.partitions.untold.isEmpty { timer?.arm(at: book.now + Self.pause) }
    }

    private func end() {
        isRunning = false
        book.partitions.told(partitions.subtracting(lost))
        book.sendUntold()
        // Learning is over as soon as everybody has said so.
        book.syncs.ask(
            partitions.filter { book.partitions.isLearning($0) && book.partitions.isTold($0) }, now: book.now)
    }

    private func collect() {
        var left = Self.mostInStep
        while !hasReachedEnd, left > 0, waiting.count + inFlight < Self.mostInFlight {
            guard let slot = book.ledger.slot(after: cursor) else {
                hasReachedEnd = true
                return
            }
            cursor = slot
            left -= 1
            if let rows = rows(at: slot) {
                rows.unsettle(in: book.ledger)
                waiting.append(rows)
            }
        }
    }

    /// What is to be told of a slot; nil when another partition's, or told with its lease.
    private func rows(at slot: SlotIndex) -> LedgerRows? {
        let ledger = book.ledger
        // A reservation says nothing that its lease does not.
        guard let place = ledger.place(of: slot), place.kind != .reservation else { return nil }
        let keys = book.server.rules.configuration.keys
        let isConcerned = ledger.withNames(of: slot) { tenant, _ in partitions.contains(keys.partition(of: tenant)) }
        guard isConcerned else { return nil }
        return ledger.withNames(of: slot) { tenant, meter in
            let pair = ledger.tenantHash(tenant).pair(ledger.meterHash(meter))
            let isCurrent = ledger.isCurrent(slot)
            let leasePlace = SlotPlace.lease(periodStart: place.periodStart)
            if place.kind != .lease, isCurrent, ledger.find(pair.key(leasePlace)) != nil { return nil }
            if place.kind == .lease, !isCurrent {
                // A former incarnation's leases have ended, and Redis takes them back by itself.
                ledger.lease(slot).setSettled(true)
                return nil
            }
            let key = LeaseKey(
                tenant: String(decoding: Array(copying: tenant), as: UTF8.self),
                meter: String(decoding: Array(copying: meter), as: UTF8.self), period: Int64(place.periodStart) * 60)
            var rows = LedgerRows(
                key: key, holder: ledger.holder(of: slot), lease: place.kind == .lease ? slot : nil)
            switch place.kind {
            case .lease:
                rows.hours = book.hours(
                    of: pair, periodStart: place.periodStart,
                    through: UInt32(clamping: book.server.redisSecond / 3600 + 1))
            case .usage: rows.hours = [LedgerRows.Hour(hour: Int64(place.hour), usage: slot)]
            case .decided: rows.hours = [LedgerRows.Hour(hour: Int64(place.hour), decided: slot)]
            case .reservation: return nil
            }
            return rows
        }
    }

    /// Sends what was collected, holder by holder and partition by partition.
    private func send() {
        guard !waiting.isEmpty else { return }
        let keys = book.server.rules.configuration.keys
        let placed = waiting.map { (rows: $0, partition: keys.partition(of: $0.key.tenant)) }
            .sorted { ($0.rows.holder, $0.partition) < ($1.rows.holder, $1.partition) }
        waiting.removeAll(keepingCapacity: true)
        var first = 0
        while first < placed.count {
            var parts: [SyncBatch.Part] = []
            let holder = placed[first].rows.holder
            let start = first
            while first < placed.count, placed[first].rows.holder == holder, first - start < Self.mostTogether {
                let partition = placed[first].partition
                var rows: [LedgerRows] = []
                while first < placed.count, placed[first].rows.holder == holder, placed[first].partition == partition,
                    first - start < Self.mostTogether
                {
                    rows.append(placed[first].rows)
                    first += 1
                }
                parts.append(part(partition, rows, holder))
            }
            inFlight += first - start
            book.syncs.send(parts, count: first - start)
        }
    }

    private func sendApart() {
        let keys = book.server.rules.configuration.keys
        while let rows = apart.popLast() {
            inFlight += 1
            let part = part(keys.partition(of: rows.key.tenant), [rows], rows.holder)
            book.syncs.send([part], count: 1)
        }
    }

    private func part(_ partition: Int, _ rows: [LedgerRows], _ holder: String) -> SyncBatch.Part {
        let rules = book.server.rules
        let items = rows.map { rows in
            SyncRequest.Item(
                key: rows.key,
                terms: LeaseTerms(
                    bound: Amount.unlimited, version: "",
                    isBilled: rules.catalogue.meters.contains { $0.name == rows.key.meter && $0.stripe != nil },
                    keptUntil: rows.key.period == 0
                        ? book.endlessKeptUntil : rows.key.period + Self.longestPeriod + 40 * 86_400,
                    isEndless: rows.key.period == 0),
                statement: rows.statement(in: book.ledger, reservedFor: book.reservedFor(rows)),
                hours: rows.totals(in: book.ledger))
        }
        let request = book.syncs.request(partition, items: items, now: book.now, holder: holder)
        return SyncBatch.Part(partition: partition, request: request, rows: rows)
    }

    /// Redis has merged these rows.
    func receive(_ reply: SyncReply, _ part: SyncBatch.Part, isStale: Bool) {
        inFlight -= part.rows.count
        guard !isStale else {
            lost.insert(part.partition)
            return
        }
        for (rows, told) in zip(part.rows, reply.items) {
            rows.settle(told.hours, in: book.ledger)
        }
        if let timer, !timer.isArmed { timer.arm(at: book.now + Self.interval) }
    }

    /// A batch was lost, or Redis takes nothing now: what it said has to be said again.
    func failed(_ parts: [SyncBatch.Part]) {
        for part in parts where !part.rows.isEmpty {
            inFlight -= part.rows.count
            lost.insert(part.partition)
            isHeldUp = true
        }
    }

    /// Redis cannot take these: each is tried alone, and who fails alone is left out, so that it holds up nobody.
    func refused(_ parts: [SyncBatch.Part]) {
        let rows = parts.flatMap(\.rows)
        inFlight -= rows.count
        if rows.count > 1 { apart += rows }
        begin()
    }
}
