internal import Logging
internal import Metering
internal import Reactor
internal import RedisLink

/// The tenants of this gate and the calls that wait for their records. Lives on the gate's loop.
final class TenantDirectory {
    /// How many calls may wait for one record.
    private static let maxWaiters = 16_384

    var rules: GateRules
    private let queue: SpendQueue
    private let metrics: GateMetrics
    private let table = TenantTable()
    private var log: ThrottledLog

    init(rules: GateRules, queue: SpendQueue, metrics: GateMetrics, logger: Logger) {
        self.rules = rules
        self.queue = queue
        self.metrics = metrics
        log = ThrottledLog(logger: logger)
    }

    /// The entry of a tenant, following the current catalogue.
    func entry(for id: Span<UInt8>) -> TenantEntry {
        let entry = table.entry(for: id)
        metrics.set(.tenants, table.count)
        entry.follow(rules)
        return entry
    }

    /// Sends a call, once the record of its tenant is known.
    func dispatch(_ call: SpendCall) {
        guard call.entry.state != .ready else { return send(call) }
        wait(call)
    }

    /// Redis has another record than the one a call was decided by: reads it, and asks again.
    func refresh(for call: SpendCall) {
        if call.entry.state == .ready {
            // What the turn has collected by the old record must not come behind the reading of the new one.
            queue.send()
            call.entry.state = .unread
            metrics.add(.reloads)
        }
        wait(call)
    }

    /// Whether the entry's record was the current one when no record at all has changed since.
    func isCurrent(_ entry: TenantEntry) -> Bool { entry.currentIn == queue.records.edition }

    /// Redis has decided by the entry's record, in the run of the script that told the version of all records.
    func foundCurrent(_ entry: TenantEntry) { entry.currentIn = queue.records.edition }

    private func wait(_ call: SpendCall) {
        // While Redis is silent, the calls answered at their deadlines stay here until it speaks or is given up.
        guard call.entry.waiters.count < Self.maxWaiters else { return call.storeFailed() }
        call.entry.waiters.append(call)
        readRecord(call.entry)
    }

    func read(_ entry: TenantEntry, _ tenant: Tenant?, version: String) {
        entry.adopt(tenant, version: version, rules)
        flushWaiters(of: entry) { send($0) }
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

    private func send(_ call: SpendCall) {
        guard !call.isDone else { return }
        call.entry.callsUnderWay += 1
        call.entry.follow(rules)
        queue.add(call)
    }

    private func flushWaiters(of entry: TenantEntry, _ body: (SpendCall) -> Void) {
        let waiters = entry.waiters
        entry.waiters = []
        for call in waiters { body(call) }
    }
}
