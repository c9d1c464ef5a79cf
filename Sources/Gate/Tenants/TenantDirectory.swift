internal import Ledger
internal import Logging
internal import Metering
internal import Reactor
internal import RedisLink

/// The tenants of this gate and the calls that wait for their records. Lives on the gate's loop.
final class TenantDirectory {
    /// How many calls may wait for one record.
    private static let maxWaiters = 16_384

    /// The gate outlives its directory.
    private unowned(unsafe) let server: GateServer
    private let queue: SpendQueue
    private let metrics: GateMetrics
    let table: TenantTable
    private var log: ThrottledLog

    init(server: GateServer) {
        self.server = server
        queue = server.queue
        metrics = server.metrics
        table = TenantTable(capacity: max(1 << 18, server.rules.configuration.ledger.layout.slotCount / 2))
        log = ThrottledLog(logger: server.log)
    }

    var rules: GateRules { server.rules }

    /// The entry of a tenant, following the current catalogue.
    func entry(for id: Span<UInt8>) -> TenantEntry {
        let entry = table.entry(for: id)
        metrics.set(.tenants, table.count)
        follow(entry)
        return entry
    }

    /// The entry of a tenant if there is one.
    func known(_ name: String) -> TenantEntry? { table.known(Array(name.utf8).span) }

    /// For going through all tenants: how many places there are, most of them empty, and who is at one.
    var placeCount: Int { table.placeCount }
    func entry(atPlace place: Int) -> TenantEntry? { table.entry(atPlace: place) }

    /// Has an entry and its leases be what the catalogue and the hour make of its record.
    func follow(_ entry: TenantEntry) {
        entry.follow(rules, at: entry.validUntil == .max ? 0 : server.redisSecond)
        if entry.areLeasesBehind { server.book.followTerms(of: entry) }
    }

    /// A tenant's record was written or removed: the next call reads it, and so do those that wait.
    func recordChanged(_ entry: TenantEntry) {
        if entry.state == .reading { entry.isReadAgain = true }
        foundOutdated(entry)
    }

    /// An answer of Redis says that the record is another. One that is being read was asked for after that answer's
    /// call, so it is no older.
    func foundOutdated(_ entry: TenantEntry) {
        guard entry.state == .ready else { return }
        queue.send()
        entry.state = .unread
        metrics.add(.reloads)
        if entry.leases.contains(where: { $0.map { !$0.line.isEmpty } ?? false }) { readRecord(entry) }
    }

    /// Sends a call, once the record of its tenant is known.
    func dispatch(_ call: SpendCall) {
        guard call.entry.state != .ready else {
            follow(call.entry)
            return server.route(call)
        }
        wait(call)
    }

    /// Redis has another record than the one a call was decided by: reads it, and asks again.
    func refresh(for call: SpendCall) {
        // What the turn has collected by the old record must not come behind the reading of the new one.
        foundOutdated(call.entry)
        wait(call)
    }

    /// Whether the entry's record was the current one when no record at all has changed since.
    func isCurrent(_ entry: TenantEntry) -> Bool { entry.currentIn == queue.records.edition }

    /// Redis has decided by the entry's record, in the run of the script that told the version of all records.
    func foundCurrent(_ entry: TenantEntry, sentAt: Int64) {
        entry.currentIn = queue.records.edition
        entry.confirmedAt = max(entry.confirmedAt, sentAt)
    }

    private func wait(_ call: SpendCall) {
        // While Redis is silent, the calls answered at their deadlines stay here until it speaks or is given up.
        guard call.entry.waiters.count < Self.maxWaiters else { return call.storeFailed() }
        call.entry.waiters.append(call)
        readRecord(call.entry)
    }

    func read(_ entry: TenantEntry, _ tenant: Tenant?, version: String) {
        if entry.isReadAgain {
            // It changed on the way.
            entry.isReadAgain = false
            entry.state = .unread
            return readRecord(entry)
        }
        entry.adopt(tenant, version: version, rules, at: server.redisSecond)
        entry.confirmedAt = server.loop.now - rules.configuration.leases.horizon / 2
        follow(entry)
        flushWaiters(of: entry) { if !$0.isDone { server.route($0) } }
    }

    /// A record that cannot be read cannot be decided by: its calls are answered as when Redis is away.
    func couldNotRead(_ entry: TenantEntry, _ reason: String) {
        entry.state = .unread
        log.warning("a tenant's record could not be read", ["tenant": "\(entry.name)", "reason": "\(reason)"])
        flushWaiters(of: entry) { $0.storeFailed() }
    }

    private func readRecord(_ entry: TenantEntry) {
        guard entry.state == .unread else { return }
        entry.state = .reading
        queue.redis.send(RecordCall(entry, self))
    }

    /// Has Redis decide a call.
    func send(_ call: SpendCall) {
        call.entry.callsUnderWay += 1
        queue.add(call)
    }

    private func flushWaiters(of entry: TenantEntry, _ body: (SpendCall) -> Void) {
        let waiters = entry.waiters
        entry.waiters = []
        for call in waiters { body(call) }
    }
}
