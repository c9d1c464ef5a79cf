internal import DequeModule
internal import Reactor
internal import RedisLink

/// The calls that wait for Redis, in the order of their deadlines. All wait equally long, so that is the order they
/// came in, and one timer serves them all.
final class DeadlineQueue {
    private let loop: EventLoop
    private let redis: RedisConnection
    private var calls = Deque<SpendCall>()
    private var timer: LoopTimer?

    init(loop: EventLoop, redis: RedisConnection) {
        self.loop = loop
        self.redis = redis
        timer = loop.makeTimer { [unowned self] in expire() }
    }

    func add(_ call: SpendCall) {
        calls.append(call)
        if let timer, !timer.isArmed { timer.arm(at: call.deadline) }
    }

    /// Lets go of calls that have been answered, as far as those before them have: they usually are in order.
    func prune() {
        while let call = calls.first, call.isDone { calls.removeFirst() }
    }

    private func expire() {
        redis.receivePending()
        while let call = calls.first, call.isDone || call.deadline <= loop.now {
            calls.removeFirst()
            call.storeFailed()
        }
        if let next = calls.first { timer?.arm(at: next.deadline) }
    }
}
