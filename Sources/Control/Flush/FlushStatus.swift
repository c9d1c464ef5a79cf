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

    /// What rounds have found to be urgent.
    private struct Urgency {
        var oldestOwed: Int64?
        var booksClose: Int64?

        mutating func note(oldest: Int64? = nil, closing: Int64? = nil) {
            oldestOwed = [oldestOwed, oldest].compactMap { $0 }.min()
            booksClose = [booksClose, closing].compactMap { $0 }.min()
        }
    }

    /// As of the last round that came to its end, with what rounds since then have found that did not.
    private var known = Urgency()
    private var found = Urgency()

    /// The oldest hour that is owed as far as rounds have found, since 1970; nil when nothing is.
    var oldestOwed: Int64? { [known.oldestOwed, found.oldestOwed].compactMap { $0 }.min() }
    /// When the books close first of a period that is over and has hours owed, seconds since the Unix epoch; nil when
    /// there is none.
    var booksClose: Int64? { [known.booksClose, found.booksClose].compactMap { $0 }.min() }

    mutating func beginRound() {
        known.note(oldest: found.oldestOwed, closing: found.booksClose)
        found = Urgency()
    }

    mutating func noteOldest(_ hour: Int64) { found.note(oldest: hour) }

    mutating func noteClosing(_ instant: Int64) { found.note(closing: instant) }

    /// Forgets what was urgent before a round that has looked at everything. One that did not may have missed it.
    mutating func endWholeRound() { (known, found) = (found, Urgency()) }

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
