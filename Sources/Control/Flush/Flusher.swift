import Billing
import Logging
import Metering
public import RedisLink
import StripeAPI

/// Sends owed hours to Stripe: in rounds, one at a time, every `flushInterval` and when asked. Everything that must
/// outlive it stands in Redis; what it remembers itself only spares calls.
public actor Flusher {
    /// For how long a daemon whose key Stripe refuses leaves its partitions to the others.
    private static let timeAside = Duration.seconds(120)

    let context: ControlContext
    let configuration: ControlConfiguration
    var backoff = FlushBackoff()
    var book = MeterBook()
    var items = ItemBook()
    /// Which partitions this daemon sends for; nil without a Stripe key.
    let claims: PartitionClaims?
    let times: FlushTimes
    let sendTimes: SendTimes
    /// Until when the stream is left alone, in milliseconds since the Unix epoch.
    var streamAfter: Int64 = 0
    /// Until when periods wait whose late usage could not be settled, in milliseconds since the Unix epoch.
    var lateWaits: [LatePeriod: Int64] = [:]
    /// The hours that were credits when they were last to be sent, and when that was, in milliseconds since the Unix
    /// epoch.
    var credits: [HourKey: Int64] = [:]
    var status = FlushStatus()
    var random = SystemRandomNumberGenerator()
    /// Why the last send failed that made everything wait.
    var lastOutage = ""
    /// True once a stop was asked for: nothing new is sent.
    var isStopping = false
    private var running: Task<Result<FlushReport, StoreError>, Never>?
    private var queued: Task<Result<FlushReport, StoreError>, Never>?
    private var pause: Task<Void, any Error>?
    private var hasNews = false
    private var hasWarnedOfNoKey = false
    private var reportedTrouble: String?

    init(context: ControlContext, configuration: ControlConfiguration, claims: PartitionClaims?) {
        self.context = context
        self.configuration = configuration
        self.claims = claims
        times = FlushTimes(configuration)
        sendTimes = SendTimes(
            mark: configuration.sendMark.milliseconds, summaryLag: configuration.summaryLag.milliseconds)
    }

    /// Sends everything that can be sent, whatever failed before, and says what came of it. A round that runs already
    /// ends first; callers that wait for it share the round after it.
    public func flush() async throws(StoreError) -> FlushReport {
        if let queued { return try await queued.value.get() }
        let before = running
        let task = Task { () -> Result<FlushReport, StoreError> in
            _ = await before?.value
            // Who asks expects what was just used to be sent. What Redis cannot be told yet stays owed.
            _ = await self.context.settle()
            return await self.begin(isAsked: true)
        }
        queued = task
        return try await task.value.get()
    }

    /// Runs rounds until a stop is asked for: every `flushInterval`, and when this daemon has claimed other partitions.
    func run() async {
        status.isRunning = true
        defer { status.isRunning = false }
        await withTaskGroup { group in
            if let claims { group.addTask { for await _ in claims.changes { await self.wake() } } }
            await rounds()
            group.cancelAll()
        }
    }

    private func rounds() async {
        while !isStopping, !Task.isCancelled {
            let begun = context.now()
            if let asked = queued ?? running {
                _ = await asked.value
            } else {
                hasNews = false
                await scheduled()
            }
            guard !hasNews else { continue }
            let clock = context.clock
            let interval = pause(after: begun)
            let pause = Task { try await clock.sleep(for: interval) }
            self.pause = pause
            await withTaskCancellationHandler {
                _ = await pause.result
            } onCancel: {
                pause.cancel()
            }
        }
    }

    /// How long to wait after a round that was begun then. Usage records are taken for minutes after their period's end
    /// only, so where there are any a round is begun at each hour's end.
    private func pause(after begun: Int64) -> Duration {
        guard context.catalogue().meters.contains(where: { $0.stripe?.mode == .usageRecord }) else {
            return configuration.flushInterval
        }
        let next = begun - (begun - Self.hourSlack) % 3_600_000 + 3_600_000
        return min(configuration.flushInterval, .milliseconds(max(0, next - context.now())))
    }

    /// How long after an hour's end the gates have surely told what was used in it, in milliseconds.
    static let hourSlack: Int64 = 5_000

    /// Has a round follow at once.
    func wake() {
        hasNews = true
        pause?.cancel()
    }

    /// Sends nothing new, and waits for what is under way, at most `limit`; then cuts it. What was cut stays owed.
    func stop(within limit: Duration) async {
        isStopping = true
        wake()
        guard let round = running else { return }
        let clock = context.clock
        let cut = Task {
            try await clock.sleep(for: limit)
            round.cancel()
        }
        _ = await round.value
        cut.cancel()
    }

    private func scheduled() async {
        let task = Task { await self.round(isAsked: false) }
        running = task
        _ = await task.value
        if running == task { running = nil }
    }

    /// Turns the queued round into the running one.
    private func begin(isAsked: Bool) async -> Result<FlushReport, StoreError> {
        running = queued
        queued = nil
        let result = await round(isAsked: isAsked)
        running = nil
        return result
    }

    private func round(isAsked: Bool) async -> Result<FlushReport, StoreError> {
        do throws(StoreError) {
            let report = context.stripe == nil ? try await keyless() : try await send(isAsked: isAsked)
            status.note(report, now: context.now())
            // Another daemon may have a key that Stripe takes.
            if backoff.haltReason != nil, let claims, claims.status.flushers > 1 {
                await claims.standAside(for: Self.timeAside)
            }
            tell(report.stopped)
            return .success(report)
        } catch {
            status.rounds += 1
            status.failedRounds += 1
            status.lastRound = context.now()
            tell("Redis: \(error)")
            return .failure(error)
        }
    }

    /// Without a key nothing can be sent, so nothing is looked at but how much there is, and since when.
    private func keyless() async throws(StoreError) -> FlushReport {
        let counts = try await context.store.owedCounts()
        let owed = counts.reduce(0, +)
        var reader = OwedReader(
            store: context.store, partitions: counts.indices.filter { counts[$0] > 0 }, isBrief: true)
        status.beginRound()
        if let oldest = try await reader.next(1).first { status.noteOldest(oldest.key.hour) }
        status.endWholeRound()
        if owed > 0, !hasWarnedOfNoKey {
            hasWarnedOfNoKey = true
            context.logger.warning(
                "No STRIPE_SECRET_KEY: usage is counted and stays owed until there is one",
                metadata: ["owed_hours": "\(owed)"])
        }
        var tally = FlushTally()
        tally.noteAllWaiting(.noKey, count: owed)
        return tally.finished(owed: owed)
    }

    /// Says once what keeps rounds from ending, and once that they do again.
    private func tell(_ trouble: String?) {
        guard trouble != reportedTrouble, !isStopping else { return }
        reportedTrouble = trouble
        if let trouble {
            context.logger.error("Sending to Stripe stopped", metadata: ["reason": "\(trouble)"])
        } else {
            context.logger.notice("Sending to Stripe goes on")
        }
    }
}
