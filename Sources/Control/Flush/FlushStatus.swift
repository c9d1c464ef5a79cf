/// How the flusher is, for `/readyz` and `/metrics`.
struct FlushStatus: Sendable {
    /// Whether its task runs.
    var isRunning = false
    /// Rounds that ended, and those that ended for want of Redis.
    var rounds = 0
    var failedRounds = 0
    /// When the last round ended, in milliseconds since the Unix epoch; nil before the first.
    var lastRound: Int64?
    /// When the last round in which nothing stopped it ended.
    var lastWholeRound: Int64?
    /// Since the start.
    var sent = 0
    var acknowledged = 0
    var failed = 0
    /// Hours of the last round that waited, by why.
    var waiting: [String: Int] = [:]
    /// Why the last round ended early.
    var stopped: String?

    /// The oldest hour that the last round found owed, since 1970; nil when nothing was.
    private(set) var oldestOwed: Int64?
    /// When the books close first of a period that is over and has hours owed, seconds since the Unix epoch; nil when
    /// there is none.
    private(set) var booksClose: Int64?

    mutating func beginRound() {
        oldestOwed = nil
        booksClose = nil
    }

    mutating func noteOldest(_ hour: Int64) { oldestOwed = min(oldestOwed ?? hour, hour) }

    mutating func noteClosing(_ instant: Int64) { booksClose = min(booksClose ?? instant, instant) }

    mutating func note(_ report: FlushReport, now: Int64) {
        rounds += 1
        lastRound = now
        if report.stopped == nil { lastWholeRound = now }
        sent += report.sent
        acknowledged += report.acknowledged
        failed += report.failed
        waiting = Dictionary(uniqueKeysWithValues: report.waiting.map { ($0.state, $0.count) })
        stopped = report.stopped
    }
}
