internal import DequeModule
internal import Reactor
internal import RedisLink

/// The calls that wait for Redis, in the order of their deadlines. All wait equally long, so that is the order they
/// came in, and one timer serves them all.
///
/// A call that Redis has told to wait, because others have to give back first, gets until the recall's deadline.
final class DeadlineQueue {
    private let loop: EventLoop
    private let redis: RedisConnection
    var extraWait: Int64
    private var calls = Deque<SpendCall>()
    private var extended = Deque<SpendCall>()
    private var timer: LoopTimer?

    /// - Parameter extraWait: by how much a recall's deadline lies behind the usual one, in microseconds.
    init(loop: EventLoop, redis: RedisConnection, extraWait: Int64) {
        self.loop = loop
        self.redis = redis
        self.extraWait = max(0, extraWait)
        timer = loop.makeTimer { [unowned self] in expire() }
    }

    func add(_ call: SpendCall) {
        calls.append(call)
        if let timer, timer.deadline > call.deadline { timer.arm(at: call.deadline) }
    }

    /// Lets go of calls that have been answered, as far as those before them have: they usually are in order.
    func prune() {
        while let call = calls.first, call.isDone { calls.removeFirst() }
        while let call = extended.first, call.isDone { extended.removeFirst() }
    }

    private func expire() {
        redis.receivePending()
        while let call = extended.first, call.isDone || call.deadline + extraWait <= loop.now {
            extended.removeFirst()
            end(call)
        }
        while let call = calls.first, call.isDone || call.deadline <= loop.now {
            calls.removeFirst()
            if !call.isDone { call.deadlinePassed() }
            guard !call.isDone else { continue }
            if extraWait > 0 { extended.append(call) } else { end(call) }
        }
        let next = [calls.first?.deadline, extended.first.map { $0.deadline + extraWait }].compactMap { $0 }.min()
        if let next { timer?.arm(at: next) }
    }

    private func end(_ call: SpendCall) {
        if !call.isDone { call.deadlinePassed() }
        if !call.isDone { call.storeFailed() }
    }
}
