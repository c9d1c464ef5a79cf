import Billing
import Logging
import Metering
import RedisLink
import StripeAPI

/// Compares each closed hour once with what Stripe has recorded, when it is due: an hour that Stripe acknowledged and
/// has not recorded so is owed again. A 2xx means received and not recorded
/// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
actor HourChecker {
    /// Hours of each partition that a round looks at, and reads of Stripe that it makes.
    private static let hoursOfPartition = 200
    private static let readsOfRound = 100
    /// How often in a row the first batch may fail before it is put off.
    private static let mostFailures = 3
    /// An hour so old cannot be sent again, so its comparison is given up when it keeps failing.
    private static let oldest: Int64 = EventTimestamp.oldestSeconds + 86_400

    private let context: ControlContext
    private let configuration: ControlConfiguration
    private let flusher: Flusher
    /// Whether this daemon answers for a partition.
    private let isMine: @Sendable (Int) async -> Bool
    private let records: StripeRecords
    private let backoff = RetryBackoff()
    private(set) var status = CheckStatus()
    private var failures = 0
    /// Of the batch that failed last.
    private var failed: (key: StoredHour.Key, times: Int)?
    /// Not before then, in milliseconds since the Unix epoch: Stripe could not be read.
    private var notBefore: Int64 = 0

    init(
        context: ControlContext, configuration: ControlConfiguration, flusher: Flusher,
        isMine: @escaping @Sendable (Int) async -> Bool = { _ in true }
    ) {
        self.context = context
        self.configuration = configuration
        self.flusher = flusher
        self.isMine = isMine
        records = StripeRecords(context: context)
    }

    /// Compares what is due, as much as one round may.
    func round() async throws(StoreError) {
        let now = context.now()
        guard context.stripe != nil, now >= notBefore else { return }
        var mine: [Int] = []
        for partition in 0..<context.store.keys.partitions where await isMine(partition) { mine.append(partition) }
        let due = try await context.store.dueChecks(mine, by: now / 1000, limit: Self.hoursOfPartition)
        await records.beginRun()
        let reconciler = Reconciler(
            context: context, configuration: configuration, flusher: flusher, records: records)
        let before = await records.reads
        do throws(StoreError) {
            for batch in Self.batches(due) {
                guard await records.reads - before < Self.readsOfRound, !Task.isCancelled else { break }
                guard try await isDone(batch, reconciler) else { break }
            }
        } catch {
            status.reads += await records.reads - before
            throw error
        }
        status.reads += await records.reads - before
    }

    /// Compares a batch; false when the round has to end, because Stripe cannot be read. One that fails time and again
    /// waits for its next turn, so that the others have theirs.
    private func isDone(_ batch: [DueCheck], _ reconciler: Reconciler) async throws(StoreError) -> Bool {
        do {
            try await compare(batch, reconciler)
            failures = 0
            failed = nil
            return true
        } catch let error as StoreError {
            throw error
        } catch {
            let key = batch[0].key
            let times = failed.map { $0.key == key ? $0.times + 1 : 1 } ?? 1
            guard times >= Self.mostFailures else {
                failed = (key, times)
                pause(after: error)
                return false
            }
            failed = nil
            try await putOff(batch, why: "\(error)")
            return true
        }
    }

    /// Due hours of one tenant's meter, each batch within one read; those due first come first.
    static func batches(_ due: [DueCheck]) -> [[DueCheck]] {
        StripeRecords.spans(due, key: \.key).sorted {
            ($0[0].dueAt, $0[0].key.tenant) < ($1[0].dueAt, $1[0].key.tenant)
        }
    }

    private func compare(_ batch: [DueCheck], _ reconciler: Reconciler) async throws {
        let key = batch[0].key
        let scope = Reconciler.Scope(
            hours: key.hour..<(batch.map(\.key.hour).max() ?? key.hour) + 1, asksStripe: true,
            fixer: "timer:checks", due: Set(batch.map(\.key)))
        let payer = StripeRecords.Payer(try await context.store.tenant(key.tenant))
        guard payer.customer != nil, let pair = try await reconciler.pair(key.tenant, key.meter, payer, scope) else {
            // Without its record or its meter nobody can say any more what Stripe is to have.
            try await context.store.endChecks(batch)
            return
        }
        let page = try await reconciler.compare([pair], scope)
        if let failure = page.failures.first {
            try await putOff(batch, why: failure.detail)
            return
        }
        for row in page.differences where row.fixed {
            context.logger.warning(
                "Stripe has not recorded an hour as it acknowledged it: it is owed again",
                metadata: [
                    "tenant": "\(row.tenant)", "meter": "\(row.meter)", "hour": "\(row.hour)",
                    "total": "\(row.total)", "stripe": "\(row.stripe ?? 0)", "reason": "\(row.detail)",
                ])
        }
        status.mismatched += page.fixed
        // Of what went elsewhere before, nobody can tell any more what Stripe has.
        let hours = Set(batch.map { InstantText.text(hour: $0.key.hour) })
        let others = page.differences.count {
            ($0.periodEnd != nil || hours.contains($0.hour)) && [.unknown, .elsewhere].contains($0.explanation)
        }
        status.equal += max(0, batch.count - others)
        try await context.store.endChecks(batch)
    }

    /// What cannot be read of one tenant waits for its next turn and holds up nobody else.
    private func putOff(_ batch: [DueCheck], why: String) async throws(StoreError) {
        status.failed += 1
        let key = batch[0].key
        context.logger.warning(
            "Hours could not be compared with Stripe",
            metadata: ["tenant": "\(key.tenant)", "meter": "\(key.meter)", "reason": "\(why)"])
        let now = context.now() / 1000
        try await context.store.endChecks(batch.filter { now - $0.key.hour * 3600 > Self.oldest })
        try await context.store.putOffChecks(batch, until: now + checkInterval)
    }

    private var checkInterval: Int64 {
        CheckDue.interval(
            configuration.checkInterval.components.seconds, meters: context.catalogue().billedMeters.count)
    }

    private func pause(after error: any Error) {
        status.failed += 1
        failures += 1
        let wait = backoff.delay(afterAttempt: failures, random: Double.random(in: 0...1))
        notBefore = context.now() + wait.milliseconds
        context.logger.debug("Stripe cannot be compared with now", metadata: ["reason": "\(error)"])
    }
}
