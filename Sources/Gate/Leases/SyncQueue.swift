internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// Collects leases that are due, and sends them: many in one run of the script, which shares its cost.
final class SyncQueue {
    /// Leases in one run of the script, which nothing interrupts: about a millisecond of Redis's time.
    private static let mostTogether = 32
    /// Leases on their way at once. What is due beyond that waits, and totals stay unsent longer than the horizon.
    private static let mostInFlight = 512
    /// Partitions asked in one command that names no lease.
    private static let mostPartitionsTogether = 64

    /// The book owns its queue.
    unowned(unsafe) let book: LeaseBook
    private let redis: RedisConnection
    private var wire: SyncWire
    /// The beginning of every command, encoded.
    let scriptCall = RedisConnection.scriptCall(.sync)
    private let isAlone: Bool
    private var listed: [HeldLease] = []
    private var isUrgent = false
    private var inFlight = 0
    /// Whether the round has come to the point where what is listed goes out.
    var isDue = false
    private var nextLearnersAt: Int64 = 0
    /// The partition that is asked next for its life.
    private var nextPartition = 0

    init(book: LeaseBook) {
        let configuration = book.server.rules.configuration
        self.book = book
        redis = book.server.redis
        wire = Self.wire(configuration, book.settings)
        isAlone = configuration.isRedisOwn
    }

    /// Follows a reloaded configuration.
    func reload(_ configuration: GateConfiguration) {
        wire = Self.wire(configuration, book.settings)
    }

    private static func wire(_ configuration: GateConfiguration, _ settings: LeaseSettings) -> SyncWire {
        SyncWire(
            keys: configuration.keys, settings: settings, usageRetentionSeconds: configuration.usageRetentionSeconds)
    }

    var hasRoom: Bool { listed.count + inFlight < Self.mostInFlight }
    var isIdle: Bool { listed.isEmpty && inFlight == 0 }

    /// Lists a lease for the next sync; an urgent one goes out at the end of the turn.
    func list(_ held: HeldLease, isUrgent: Bool) {
        if isUrgent { self.isUrgent = true }
        guard !held.isListed else { return }
        held.isListed = true
        listed.append(held)
    }

    /// Sends what is listed, at the end of a turn.
    func send(now: Int64) {
        guard !listed.isEmpty, isUrgent || isDue else {
            isDue = false
            return
        }
        isDue = false
        guard redis.isReady else { return drop() }
        isUrgent = false
        var start = 0
        while start < listed.count, inFlight < Self.mostInFlight {
            var end = min(listed.count, start + Self.mostTogether)
            if let alone = listed[start..<end].firstIndex(where: \.goesAlone) { end = max(start + 1, alone) }
            send(Array(listed[start..<end]), now: now)
            start = end
        }
        listed.removeFirst(start)
        if !listed.isEmpty { isDue = true }
    }

    /// Nobody can be told now: what is due comes round again.
    private func drop() {
        isUrgent = false
        for held in listed { held.isListed = false }
        listed.removeAll(keepingCapacity: true)
    }

    private func send(_ leases: [HeldLease], now: Int64) {
        // In the order they were listed, partition by partition.
        let sorted = leases.enumerated().sorted {
            ($0.element.partition, $0.offset) < ($1.element.partition, $1.offset)
        }.map(\.element)
        var parts: [SyncBatch.Part] = []
        var first = 0
        while first < sorted.count {
            let partition = sorted[first].partition
            var last = first
            while last < sorted.count, sorted[last].partition == partition { last += 1 }
            let held = Array(sorted[first..<last])
            for lease in held {
                lease.isListed = false
                lease.syncsUnderWay += 1
                book.follow(lease)
            }
            let request = request(partition, items: held.map { book.item(of: $0) }, now: now)
            parts.append(SyncBatch.Part(partition: partition, request: request, leases: held))
            first = last
        }
        send(parts, count: leases.count)
    }

    func request(_ partition: Int, items: [SyncRequest.Item], now: Int64, holder: String? = nil) -> SyncRequest {
        SyncRequest(
            holder: holder ?? book.ledger.holder, life: book.partitions.life(partition), isFresh: isAlone,
            // A former incarnation has nothing to say but what it says now.
            isResendComplete: holder.map { $0 != book.ledger.holder } ?? false || book.partitions.isTold(partition),
            notAfter: redis.clock.time(at: now + book.settings.replyDeadline), sentAt: now, items: items)
    }

    /// Redis could not take these together: each goes alone, so that whose fault it is keeps nobody else.
    func sendApart(_ leases: [HeldLease]) {
        guard redis.isReady else { return }
        for held in leases { send([held], now: book.now) }
    }

    /// Sends what is said to some partitions: of so many leases, or rows of the ledger that no lease stands for.
    func send(_ parts: [SyncBatch.Part], count: Int) {
        let batch = SyncBatch(queue: self, parts: parts, wire: wire)
        batch.weight = count
        inFlight += count
        book.metrics.add(.syncs)
        book.metrics.add(.syncedLeases, count)
        redis.send(batch)
    }

    /// A batch was answered, or never will be.
    func ended(_ batch: SyncBatch) { inFlight -= batch.weight }

    // MARK: - News of partitions

    /// Asks these partitions what life they are in, and says whether they were told everything.
    func ask(_ partitions: [Int], now: Int64) {
        guard redis.isReady else { return }
        var start = 0
        while start < partitions.count {
            let end = min(partitions.count, start + Self.mostPartitionsTogether)
            let parts = partitions[start..<end].map {
                SyncBatch.Part(partition: $0, request: request($0, items: [], now: now))
            }
            send(parts, count: 1)
            start = end
        }
    }

    /// Asks some partitions, so that each has its turn: where nothing is used, nobody else would notice that a Redis
    /// was emptied and has to be told everything again.
    func askInTurn(now: Int64) {
        let end = min(book.partitions.count, nextPartition + Self.mostPartitionsTogether)
        ask(Array(nextPartition..<end), now: now)
        nextPartition = end < book.partitions.count ? end : 0
    }

    /// Learning ends only when somebody asks.
    func askLearners(now: Int64) {
        guard book.partitions.isAnyLearning, now >= nextLearnersAt else { return }
        nextLearnersAt = now + book.settings.horizon
        ask((0..<book.partitions.count).filter { book.partitions.isLearning($0) }, now: now)
    }
}
