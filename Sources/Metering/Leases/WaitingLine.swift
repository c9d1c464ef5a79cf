/// The calls that wait at one lease, in the order they came. Later calls wait behind them even where they would fit:
/// else a large call would never have its turn.
///
/// It is served from the front only, so no call ever holds part of what it needs.
public struct WaitingLine: Sendable, Equatable {
    /// Those before `head` have left.
    private var calls: [WaitingCall] = []
    private var head = 0
    /// When the last sync that Redis could decide about was sent, and when it said the front can fit.
    private var decidedAt = Int64.min
    private var retryAt: Int64 = 0
    /// What was refused last, and when it was asked for.
    private var refusedAmount = Int64.max
    private var refusedBefore = Int64.min

    /// An empty line.
    public init() {}

    /// Whether nobody waits.
    public var isEmpty: Bool { head == calls.count }
    /// How many wait.
    public var count: Int { calls.count - head }
    /// Who is first.
    public var first: WaitingCall? { isEmpty ? nil : calls[head] }
    /// What the first of them take; those far behind are for a later sync to ask for.
    public var amount: Int64 {
        calls[head..<min(calls.count, head + 256)].reduce(0) { sum, call in min(Amount.largest, sum + call.amount) }
    }

    /// Joins the line.
    public mutating func append(_ call: WaitingCall) { calls.append(call) }

    /// Leaves the line: its connection is gone, or another meter of the call decided.
    public mutating func remove(token: Int) {
        guard let place = calls[head...].firstIndex(where: { $0.token == token }) else { return }
        if place == head { removeFirst() } else { calls.remove(at: place) }
    }

    private mutating func removeFirst() {
        head += 1
        guard head * 2 >= calls.count else { return }
        calls.removeFirst(head)
        head = 0
    }

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
        guard let front = first else { return nil }
        if lease.take(front.amount, now: now) {
            removeFirst()
            return (front, .taken)
        }
        guard let outcome = endOfFront(now: now) else { return nil }
        removeFirst()
        return (front, outcome)
    }

    /// How the front ends that does not fit now; nil if it goes on waiting.
    public func endOfFront(now: Int64) -> WaitingOutcome? {
        guard let front = first else { return nil }
        if front.since <= refusedBefore, front.amount >= refusedAmount { return .refused(retryAt: retryAt) }
        guard now >= front.deadline else { return nil }
        return isDecided(since: front.since) ? .refused(retryAt: retryAt) : .undecided
    }

    /// Whether Redis said something to a sync sent since then, if only that others have to give back first.
    public func isDecided(since instant: Int64) -> Bool { decidedAt >= instant }
}
