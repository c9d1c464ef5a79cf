import Billing
import Logging
import RedisLink
import Synchronization

/// Which partitions this daemon sends for. All daemons with a Stripe key share them evenly: each says every two seconds
/// that it is alive, gives up what is more than its share, and takes what is free. A claim ends eight seconds after it
/// was renewed last, and this daemon stops a second before that by itself, counted from when it asked.
///
/// A claim spares work, and decides who begins: the scripts that send get its token and refuse one that is not current.
/// Giving a claim up waits for no send under way: the hour stays marked, so that whoever comes next does not send it
/// as well.
public actor PartitionClaims {
    /// Tells that the set of claimed partitions has changed; a change that nobody waited for is told to the next. For
    /// one reader.
    public nonisolated let changes: AsyncStream<Void>

    private let changed: AsyncStream<Void>.Continuation
    private nonisolated let claims = Mutex<[Int: ClaimToken]>([:])
    private nonisolated let flushers = Mutex(0)
    private let store: RedisStore
    private let timing: ClaimTiming
    private let name: @Sendable () -> String?
    private let clock: any Clock<Duration>
    private nonisolated let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger
    private var running: Task<Void, Never>?
    private var asideUntil: ContinuousClock.Instant?
    private var isShort = true
    private var isClosed = false
    private var trouble: String?

    /// - Parameters:
    ///   - name: this daemon's name among the flushers, which no other live process has; nil while it is not known. A
    ///     process that follows under the same name takes its predecessor's claims over at once.
    ///   - clock: what waits are measured by.
    ///   - now: what claims are measured by.
    init(
        store: RedisStore, name: @escaping @Sendable () -> String?, clock: any Clock<Duration>, logger: Logger,
        timing: ClaimTiming = ClaimTiming(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        self.name = name
        self.clock = clock
        self.timing = timing
        self.now = now
        self.logger = logger
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What this daemon may begin to send now, by partition.
    public nonisolated func held() -> [Int: ClaimToken] {
        let now = now()
        return claims.withLock { $0.filter { $0.value.validUntil > now } }
    }

    /// Whether this daemon may begin to send what the partition owes now.
    public nonisolated func isMine(_ partition: Int) -> Bool {
        let now = now()
        return claims.withLock { $0[partition].map { $0.validUntil > now } ?? false }
    }

    nonisolated var status: ClaimStatus {
        ClaimStatus(claimed: held().count, flushers: flushers.withLock { $0 })
    }

    /// Looks every two seconds, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await refresh()
            do {
                try await clock.sleep(for: isShort ? timing.shortInterval : timing.interval)
            } catch {
                return
            }
        }
    }

    /// Looks now: renews, gives up what is too many, takes what is free. Never two at a time.
    public func refresh() async {
        while let running { await running.value }
        let task = Task {
            await self.look()
            self.running = nil
        }
        running = task
        await task.value
    }

    /// Redis refused this token: it is another's partition, or Redis forgot the claim.
    public func lost(_ claim: ClaimToken) {
        claims.withLock { if $0[claim.partition]?.token == claim.token { $0[claim.partition] = nil } }
        isShort = true
    }

    /// Leaves all partitions to the others for so long, as when Stripe takes nothing from this daemon.
    public func standAside(for time: Duration) async {
        asideUntil = now() + time
        while let running { await running.value }
        await leave()
    }

    /// Gives everything up, for good.
    func close() async {
        isClosed = true
        while let running { await running.value }
        await leave()
        changed.finish()
    }

    // MARK: - One look

    private func look() async {
        guard !isClosed, let name = name() else { return }
        if let asideUntil {
            guard now() >= asideUntil else { return }
            self.asideUntil = nil
        }
        let before = Set(held().keys)
        do throws(StoreError) {
            let share = try await renew(name)
            try await giveUp(share.surplus(of: all.keys), name)
            try await take(share, name)
            isShort = all.count < share.size
            tell(nil)
        } catch {
            // What was renewed before is good until it runs out.
            isShort = true
            flushers.withLock { $0 = 0 }
            tell("\(error)")
        }
        if Set(held().keys) != before { changed.yield() }
    }

    /// All claims, those that ran out here included: Redis may have them still.
    private var all: [Int: ClaimToken] { claims.withLock { $0 } }

    private func renew(_ name: String) async throws(StoreError) -> ClaimShare {
        let asked = now()
        let due = all.filter { $0.value.validUntil - asked < timing.renewal }
        let (alive, renewed) = try await store.beat(
            flusher: name, renewing: due.mapValues(\.token), milliseconds: timing.lifetime.milliseconds)
        claims.withLock { claims in
            for (partition, claim) in due where claims[partition]?.token == claim.token {
                claims[partition]?.validUntil = asked + timing.validity
                if !renewed.contains(partition) { claims[partition] = nil }
            }
        }
        flushers.withLock { $0 = alive.count }
        return ClaimShare(of: name, among: alive, partitions: store.keys.partitions)
    }

    private func giveUp(_ partitions: [Int], _ name: String) async throws(StoreError) {
        // They are dropped first: from then on nothing is begun under them. Unless Redis hears of it they run out.
        let given = claims.withLock { claims in
            var given: [Int: String] = [:]
            for partition in partitions { given[partition] = claims.removeValue(forKey: partition)?.token }
            return given
        }
        try await store.releaseClaims(given, by: name, milliseconds: timing.lifetime.milliseconds)
    }

    private func take(_ share: ClaimShare, _ name: String) async throws(StoreError) {
        let mine = all
        guard mine.count < share.size, asideUntil == nil, !isClosed else { return }
        let others = (0..<store.keys.partitions).filter { mine[$0] == nil }
        let milliseconds = timing.lifetime.milliseconds
        let free = try await store.claimable(others, by: name, milliseconds: milliseconds)
        let wanted = share.picks(from: Array(free), held: mine.count)
        var random = SystemRandomNumberGenerator()
        let tokens = Dictionary(uniqueKeysWithValues: wanted.map { ($0, Self.token(using: &random)) })
        let asked = now()
        let taken = try await store.takeClaims(tokens, by: name, milliseconds: milliseconds)
        claims.withLock { claims in
            for (partition, token) in tokens where taken.contains(partition) {
                claims[partition] = ClaimToken(
                    partition: partition, token: token, validUntil: asked + timing.validity)
            }
        }
    }

    private func leave() async {
        let had = all
        claims.withLock { $0.removeAll() }
        flushers.withLock { $0 = 0 }
        guard let name = name() else { return }
        do throws(StoreError) {
            try await store.releaseClaims(
                had.mapValues(\.token), by: name, milliseconds: timing.lifetime.milliseconds)
            try await store.leave(flusher: name)
        } catch {
            // They run out within seconds.
        }
        if !had.isEmpty { changed.yield() }
    }

    private static func token(using random: inout SystemRandomNumberGenerator) -> String {
        let digits = String(UInt128.random(in: .min ... .max, using: &random), radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Says once what is wrong, and once that it is right again.
    private func tell(_ trouble: String?) {
        guard (trouble != nil) != (self.trouble != nil) else { return }
        self.trouble = trouble
        if let trouble {
            logger.warning("claims of partitions wait for Redis", metadata: ["reason": "\(trouble)"])
        } else {
            logger.info("claims of partitions go on")
        }
    }
}
