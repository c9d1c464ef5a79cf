import Billing
import HTTPLink
import Logging
import RedisLink

/// Delivers notices to the operator's endpoint, from the streams that hold them until they are delivered. One daemon at
/// a time does: it says so in Redis for a few seconds at once, and another takes over when it falls silent.
///
/// A notice may arrive twice, when its answer was lost or two daemons overlapped; it has the same name then.
actor Notifier {
    /// How long a daemon delivers without saying so again, and how often it says so.
    private static let hold = Duration.seconds(8)
    private static let holdInterval = Duration.seconds(2)
    /// How much sooner it stops by itself: an attempt that was begun last has left by then.
    private static let margin = Duration.seconds(1)
    /// How often is looked for new notices.
    private static let interval = Duration.milliseconds(500)
    /// Notices read of a partition at once.
    private static let pageSize = 100
    /// Attempts under way at once.
    static let sendsAtOnce = 8

    let context: ControlContext
    let endpoint: NoticeEndpoint
    let version: String
    var lines: NoticeLines
    var status = NoticeStatus()
    var random = SystemRandomNumberGenerator()
    var underWay = 0
    /// Up to where each partition was read; nil for its start.
    private var cursors: [Notice.ID?]
    /// Notices that were done with since streams were read last: what is being read may still have them.
    private var done: Set<String> = []
    private let token: String
    /// Until when this daemon delivers, and when it says so next. No step of a clock makes it later.
    private var heldUntil = ContinuousClock.now
    private var nextHold = ContinuousClock.now
    private var hasTrouble = false

    init(context: ControlContext, endpoint: NoticeEndpoint, version: String, lines: NoticeLines = NoticeLines()) {
        self.context = context
        self.endpoint = endpoint
        self.version = version
        self.lines = lines
        token = "\(endpoint.holder) \(UInt64.random(in: .min ... .max))"
        cursors = Array(repeating: nil, count: context.store.keys.partitions)
    }

    /// Whether this daemon may begin an attempt.
    var isHolder: Bool { ContinuousClock.now < heldUntil }

    /// Delivers what there is, until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await look()
                while underWay < Self.sendsAtOnce, let notice = take() {
                    group.addTask { await self.deliver(from: notice) }
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

    /// Lets another daemon deliver at once.
    func letGo() async {
        guard isHolder else { return }
        heldUntil = .now
        do throws(StoreError) {
            _ = try await context.store.holdNotifier(token: token, milliseconds: 0)
        } catch {
            // It ends by itself within seconds.
        }
    }

    /// The next notice to send, counted as under way.
    func take() -> Notice? {
        guard isHolder, let notice = lines.next(now: context.now()) else { return nil }
        underWay += 1
        return notice
    }

    /// A notice is gone from its stream. Where its tenant's later ones were left, its partition is read again.
    func remove(_ notice: Notice) {
        done.insert(notice.name)
        guard let id = lines.remove(notice), let cursor = cursors[notice.partition], cursor > id else { return }
        cursors[notice.partition] = id
    }

    // MARK: - Looking

    private func look() async {
        do throws(StoreError) {
            try await hold()
            if isHolder { try await read() }
            tell(nil)
        } catch {
            tell("\(error)")
        }
    }

    private func hold() async throws(StoreError) {
        let now = ContinuousClock.now
        guard now >= nextHold else { return }
        nextHold = now + Self.holdInterval
        let isOurs = try await context.store.holdNotifier(token: token, milliseconds: Self.hold.milliseconds)
        if isOurs != status.isHolder {
            context.logger.info(isOurs ? "this daemon delivers notices" : "another daemon delivers notices")
        }
        if !isOurs || now >= heldUntil { forget() }
        status.isHolder = isOurs
        heldUntil = isOurs ? now + Self.hold - Self.margin : now
    }

    /// What was read may be delivered by another meanwhile.
    private func forget() {
        lines.removeAll()
        cursors = Array(repeating: nil, count: cursors.count)
    }

    private func read() async throws(StoreError) {
        for partition in cursors.indices where !lines.holds(partition: partition) { cursors[partition] = nil }
        let from = cursors
        done.removeAll()
        let pages = try await context.store.notices(after: from.map { $0?.text }, limit: Self.pageSize)
        for (partition, page) in pages.enumerated() {
            // It was set back while Redis answered.
            guard cursors[partition] == from[partition] else { continue }
            for stored in page {
                guard lines.hasRoom, let id = Notice.ID(stored.id) else { break }
                let notice = Notice(
                    partition: partition, id: id, tenant: stored.tenant, type: stored.type, data: stored.data)
                if !done.contains(notice.name) { lines.add(notice) }
                cursors[partition] = id
            }
        }
    }

    /// Says once what is wrong, and once that it is right again.
    private func tell(_ trouble: String?) {
        guard (trouble != nil) != hasTrouble else { return }
        hasTrouble = trouble != nil
        if let trouble {
            context.logger.warning("notices wait for Redis", metadata: ["reason": "\(trouble)"])
        } else {
            context.logger.info("notices go on")
        }
    }
}
