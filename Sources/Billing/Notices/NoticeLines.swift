/// Decides which notice is sent next. Each tenant's stand in a line and go one after the other, in the order they were
/// written; one line never waits for another. A value with bounds; time is milliseconds since the Unix epoch.
///
/// It may be lost at any moment: the notices stay where they were read from, and are then only tried sooner.
public struct NoticeLines: Sendable {
    private struct Line {
        var notices: [Notice] = []
        /// The last one that stood in it.
        var last: Notice.ID
        /// Whether later ones of the tenant were left where they are, since the line was full.
        var isCut = false
        var attempts = 0
        var notBefore: Int64 = 0
        var isUnderWay = false
        var hasMetOutage = false
    }

    /// A receiver that is gone is asked again so much later.
    public static let pauseWhenGone: Int64 = 3_600_000
    /// No wait that a receiver asks for is longer, in seconds.
    private static let longestAsked: Int64 = 3600

    private let capacity: Int
    private let mostInLine: Int
    private let backoff: RetryBackoff
    private let lifetime: Int64
    private var lines: [String: Line] = [:]
    /// Nothing is sent before.
    private var pausedUntil: Int64 = 0
    /// How many notices stand in line.
    public private(set) var count = 0
    private var heldOf: [Int: Int] = [:]

    /// - Parameters:
    ///   - capacity: how many notices stand in line at most, over all tenants.
    ///   - mostInLine: how many of one tenant.
    ///   - backoff: the waits between attempts.
    ///   - lifetime: how long after it was written a notice is tried.
    public init(
        capacity: Int = 20_000, mostInLine: Int = 16,
        backoff: RetryBackoff = RetryBackoff(first: .seconds(1), longest: .seconds(600)),
        lifetime: Duration = .seconds(86_400)
    ) {
        precondition(capacity > 0 && mostInLine > 0, "each bound is at least 1")
        self.capacity = capacity
        self.mostInLine = mostInLine
        self.backoff = backoff
        self.lifetime = lifetime.wholeMilliseconds
    }

    /// Whether another notice may come in.
    public var hasRoom: Bool { count < capacity }

    /// Whether a notice of this partition stands in line. When none does, whoever reads it begins at its start again.
    public func holds(partition: Int) -> Bool { heldOf[partition, default: 0] > 0 }

    /// Takes a notice that was read. Those of one partition come in their order; one that is known is left out.
    public mutating func add(_ notice: Notice) {
        var line = lines[notice.tenant] ?? Line(last: Notice.ID(milliseconds: -1, sequence: 0))
        guard notice.id > line.last else { return }
        if line.isCut || line.notices.count >= mostInLine {
            line.isCut = true
        } else {
            line.notices.append(notice)
            line.last = notice.id
            count += 1
            heldOf[notice.partition, default: 0] += 1
        }
        lines[notice.tenant] = line
    }

    /// The notice to send now, if there is one: of those that may be sent, the one whose line waits longest.
    public mutating func next(now: Int64) -> Notice? {
        guard now >= pausedUntil else { return nil }
        var best: (tenant: String, line: Line)?
        for (tenant, line) in lines where !line.isUnderWay && line.notBefore <= now {
            guard let first = line.notices.first else { continue }
            if let rank = best?.line, (rank.notBefore, rank.notices[0].id) < (line.notBefore, first.id) { continue }
            best = (tenant, line)
        }
        guard let best else { return nil }
        lines[best.tenant]?.isUnderWay = true
        return best.line.notices[0]
    }

    /// Decides what follows an attempt. A notice that is done with stays under way until it is removed. `random` is
    /// 0…1, for the jitter.
    public mutating func ended(_ notice: Notice, _ outcome: NoticeOutcome, now: Int64, random: Double) -> NoticeVerdict
    {
        guard outcome != .delivered else {
            heal(now: now)
            return .delivered
        }
        let deadline = notice.id.milliseconds + lifetime
        guard now < deadline else { return .drop("not delivered within \(lifetime / 3_600_000) h: \(outcome.reason)") }
        if outcome.isGone { pausedUntil = now + Self.pauseWhenGone }
        // Nothing is known of it any more: it is read again, and tried then.
        guard var line = lines[notice.tenant] else { return .retry(at: now) }
        line.isUnderWay = false
        line.attempts += 1
        line.hasMetOutage = outcome.isOutage
        var wait = backoff.delay(afterAttempt: line.attempts, random: random).wholeMilliseconds
        if case .refused(_, let asked?) = outcome { wait = max(wait, 1000 * min(max(asked, 0), Self.longestAsked)) }
        line.notBefore = min(now + wait, deadline)
        lines[notice.tenant] = line
        return .retry(at: line.notBefore)
    }

    /// Redis did not take what an attempt came to: it is made again later.
    public mutating func unsettled(_ notice: Notice, now: Int64) {
        lines[notice.tenant]?.isUnderWay = false
        lines[notice.tenant]?.notBefore = now + backoff.first.wholeMilliseconds
    }

    /// The first of a line is gone from where it was read. Returns from where its partition has to be read again, if
    /// later notices of the tenant were left there.
    public mutating func remove(_ notice: Notice) -> Notice.ID? {
        guard var line = lines[notice.tenant], line.notices.first?.id == notice.id else { return nil }
        line.notices.removeFirst()
        count -= 1
        heldOf[notice.partition, default: 1] -= 1
        (line.attempts, line.notBefore, line.isUnderWay, line.hasMetOutage) = (0, 0, false, false)
        lines[notice.tenant] = line.notices.isEmpty ? nil : line
        return line.notices.isEmpty && line.isCut ? line.last : nil
    }

    /// Forgets everything: somebody else delivers.
    public mutating func removeAll() {
        lines = [:]
        heldOf = [:]
        count = 0
    }

    /// The receiver is back: who waits because it was away need not wait longer.
    private mutating func heal(now: Int64) {
        pausedUntil = 0
        for tenant in lines.filter({ $0.value.hasMetOutage }).keys {
            lines[tenant]?.hasMetOutage = false
            lines[tenant]?.notBefore = now
        }
    }
}
