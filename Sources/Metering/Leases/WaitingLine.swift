/// The calls that wait at one lease, in the order they came. Later calls wait behind them even where they would fit:
/// else a large call would never have its turn.
///
/// It is served from the front only, so no call ever holds part of what it needs.
public struct WaitingLine: Sendable, Equatable {
    private var calls: [WaitingCall] = []
    /// When the last sync that Redis could decide about was sent, and when it said the front can fit.
    private var decidedAt = Int64.min
    private var retryAt: Int64 = 0
    /// What was refused last, and when it was asked for.
    private var refusedAmount = Int64.max
    private var refusedBefore = Int64.min

    /// An empty line.
    public init() {}

    /// Whether nobody waits.
    public var isEmpty: Bool { calls.isEmpty }
    /// How many wait.
    public var count: Int { calls.count }
    /// Who is first.
    public var first: WaitingCall? { calls.first }
    /// What all of them take.
    public var amount: Int64 {
        calls.reduce(0) { sum, call in min(Amount.largest, sum + call.amount) }
    }

    /// Joins the line.
    public mutating func append(_ call: WaitingCall) { calls.append(call) }

    /// Leaves the line: its connection is gone, or another meter of the call decided.
    public mutating func remove(token: Int) { calls.removeAll { $0.token == token } }

    /// Notes what a reply to the sync sent at `sentAt` means for those who wait. To be followed by ``next(lease:now:)``
    /// until that is nil.
    public mutating func receive(_ action: LeaseAction, sentAt: Int64) {
        switch action {
        case .wait(let instant):
            decidedAt = sentAt
            retryAt = instant
        case .refuse(let amount, let instant):
            decidedAt = sentAt
            retryAt = instant
            refusedAmount = amount
            refusedBefore = sentAt
        case .none, .dropped, .serve, .undecided, .reload, .sync: break
        }
    }

    /// The next call that ends, with how it ends: first the front that fits, then what was refused, then what has
    /// waited long enough. Nil when everybody left goes on waiting.
    public mutating func next(lease: inout Lease, now: Int64) -> (call: WaitingCall, outcome: WaitingOutcome)? {
        guard let front = calls.first else { return nil }
        if lease.take(front.amount, now: now) {
            calls.removeFirst()
            return (front, .taken)
        }
        guard let outcome = endOfFront(now: now) else { return nil }
        calls.removeFirst()
        return (front, outcome)
    }

    /// How the front ends that does not fit now; nil if it goes on waiting.
    public func endOfFront(now: Int64) -> WaitingOutcome? {
        guard let front = calls.first else { return nil }
        if front.since <= refusedBefore, front.amount >= refusedAmount { return .refused(retryAt: retryAt) }
        guard now >= front.deadline else { return nil }
        return isDecided(since: front.since) ? .refused(retryAt: retryAt) : .undecided
    }

    /// Whether Redis said something to a sync sent since then, if only that others have to give back first.
    public func isDecided(since instant: Int64) -> Bool { decidedAt >= instant }
}
