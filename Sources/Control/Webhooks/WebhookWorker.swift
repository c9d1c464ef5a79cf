import Billing
import Logging
import RedisLink

/// Applies Stripe's events from the stream that holds them until they are applied. One daemon at a time does: it says
/// so in Redis for a few seconds at once, and another takes over when it falls silent. What it ends is ended by a
/// script that looks whether it still is the one; what an event does besides can be done twice.
actor WebhookWorker {
    /// How long a daemon applies events without saying so again, and how often it says so.
    private static let hold = Duration.seconds(8)
    private static let holdInterval = Duration.seconds(2)
    /// How much sooner it stops beginning by itself.
    private static let margin = Duration.seconds(1)
    /// How often is looked for new events.
    private static let interval = Duration.milliseconds(200)
    /// Events read at once.
    private static let pageSize = 500
    /// Events applied at once, each of another object.
    private static let mostAtOnce = 4

    private let context: ControlContext
    private let applier: WebhookApplier
    private let counts: WebhookCounts
    private let log: WebhookLog
    private var line = WebhookLine<StoredEvent>(capacity: RedisStore.mostEvents)
    private var random = SystemRandomNumberGenerator()
    private var underWay = 0
    /// Up to where the stream was read; nil for its start.
    private var cursor: String?
    /// New with each time that it begins to apply events.
    private var token = WebhookWorker.newToken()
    /// Until when this daemon applies events, and when it says so next. No step of a clock makes it later.
    private var heldUntil = ContinuousClock.now
    private var nextHold = ContinuousClock.now

    init(context: ControlContext, applier: WebhookApplier, counts: WebhookCounts, log: WebhookLog) {
        self.context = context
        self.applier = applier
        self.counts = counts
        self.log = log
    }

    /// Whether this daemon may begin to apply an event.
    var isHolder: Bool { ContinuousClock.now < heldUntil }

    /// Applies what there is, until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await look()
                while underWay < Self.mostAtOnce, let event = take() {
                    group.addTask { await self.apply(from: event) }
                }
                do {
                    try await context.clock.sleep(for: Self.interval)
                } catch {
                    break
                }
            }
            group.cancelAll()
        }
    }

    /// Lets another daemon apply events at once.
    func letGo() async {
        guard isHolder else { return }
        let held = token
        lose()
        do throws(StoreError) {
            _ = try await context.store.holdEvents(token: held, holder: holder, milliseconds: 0)
        } catch {
            // It ends by itself within seconds.
        }
    }

    // MARK: - Looking

    private var holder: String { context.store.origin.holderID }

    private static func newToken() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

    private func look() async {
        do throws(StoreError) {
            try await sayHeld()
            if isHolder { try await read() }
            log.tell(.worker, trouble: nil)
        } catch {
            log.tell(.worker, trouble: error.message)
        }
    }

    private func sayHeld() async throws(StoreError) {
        let now = ContinuousClock.now
        guard now >= nextHold else { return }
        nextHold = now + Self.holdInterval
        if now >= heldUntil { lose() }
        let isOurs = try await context.store.holdEvents(
            token: token, holder: holder, milliseconds: Self.hold.milliseconds)
        guard isOurs else { return lose() }
        if !counts.isWorker { context.logger.info("this daemon applies Stripe's events") }
        counts.isWorker = true
        heldUntil = now + Self.hold - Self.margin
    }

    /// Others may apply events: what was read is theirs, and what is under way ends nothing any more.
    private func lose() {
        if counts.isWorker { context.logger.info("another daemon may apply Stripe's events") }
        counts.isWorker = false
        heldUntil = .now
        // What is under way keeps its old token, by which it ends nothing.
        token = Self.newToken()
        line.removeAll()
        cursor = nil
    }

    private func read() async throws(StoreError) {
        if line.count == 0 { cursor = nil }
        let (held, from) = (token, cursor)
        guard line.hasRoom else { return }
        let page = try await context.store.events(after: from, limit: Self.pageSize)
        // Lost while Redis answered.
        guard token == held, cursor == from else { return }
        for event in page where line.hasRoom {
            line.add(event, place: event.place, object: event.object, notBefore: event.notBefore)
            cursor = event.place
        }
    }

    // MARK: - Applying

    /// The next event to apply, counted as under way.
    private func take() -> StoredEvent? {
        guard isHolder, let event = line.next(now: context.now()) else { return nil }
        underWay += 1
        return event
    }

    /// Applies an event, and then others that are due, one after the other.
    private func apply(from first: StoredEvent) async {
        var next: StoredEvent? = first
        while var event = next {
            let held = token
            event.attempts += 1
            let outcome = await applier.apply(event)
            let isCut = Task.isCancelled && outcome != .done
            if !isCut, held == token { await settle(event, outcome, held) }
            underWay -= 1
            next = Task.isCancelled ? nil : take()
        }
    }

    /// Does what follows an attempt.
    private func settle(_ event: StoredEvent, _ outcome: WebhookOutcome, _ token: String) async {
        let verdict = WebhookVerdict(
            after: outcome, attempts: event.attempts, receivedAt: event.receivedAt, now: context.now(),
            random: Double.random(in: 0...1, using: &random))
        do throws(StoreError) {
            let store = context.store
            let isOurs: Bool
            switch verdict {
            case .remove: isOurs = try await store.removeEvent(event, token: token)
            case .retry(let at, let reason):
                isOurs = try await store.postponeEvent(event, token: token, until: at, reason: reason)
            case .bury(let reason): isOurs = try await store.buryEvent(event, token: token, reason: reason)
            }
            guard token == self.token else { return }
            guard isOurs else { return lose() }
            note(event, verdict)
        } catch {
            // The attempt is made again: it does the same.
            line.postpone(place: event.place, until: context.now() + 1000)
        }
    }

    private func note(_ event: StoredEvent, _ verdict: WebhookVerdict) {
        let facts: Logger.Metadata = ["event": "\(event.id)", "type": "\(event.type)"]
        switch verdict {
        case .remove:
            counts.count(.applied, type: event.type)
            line.remove(place: event.place)
        case .retry(let at, let reason):
            counts.count(.failed, type: event.type)
            line.postpone(place: event.place, until: at) { $0.attempts = event.attempts }
            context.logger.info(
                "a webhook could not be applied", metadata: facts.merging(["reason": "\(reason)"]) { $1 })
        case .bury(let reason):
            counts.count(.dead, type: event.type)
            line.remove(place: event.place)
            context.logger.error("a webhook was given up", metadata: facts.merging(["reason": "\(reason)"]) { $1 })
        }
    }
}
