internal import CLinux
internal import Glibc

/// A level-triggered epoll loop: read all that is ready, run due timers, then one end-of-turn pass for the writes.
///
/// Created, used and dropped on one thread; not Sendable, so the compiler keeps it there. Other threads reach it
/// through a `Mailbox`.
public final class EventLoop {
    private struct Slot {
        var source: EventSource?
        var generation: UInt32 = 0
    }

    /// Ready descriptors taken from the kernel in one call.
    private static let batch = 256

    private let epoll: FileDescriptor
    private var slots: [Slot] = []
    private var timers: [LoopTimer] = []
    private let alarm: LoopAlarm
    private var observers: [TurnObserver] = []
    private var stopping = false
    /// What the kernel tells of goes here, turn for turn: too much for the stack, and a turn allocates nothing.
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: batch)

    /// The instant this turn began, in microseconds of `BootClock`: one clock read serves all its decisions.
    public private(set) var now = BootClock.now()

    /// An empty loop.
    public init() throws(SystemError) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
        epoll = FileDescriptor(owning: descriptor)
        alarm = try LoopAlarm()
        try add(alarm.descriptor, .read, alarm)
    }

    deinit { events.deallocate() }

    /// Watches `descriptor` for `events` on behalf of `source`, which the loop keeps alive until `remove`.
    public func add(_ descriptor: borrowing FileDescriptor, _ events: Events, _ source: EventSource) throws(SystemError)
    {
        let index = Int(descriptor.number)
        while slots.count <= index { slots.append(Slot()) }
        slots[index].generation &+= 1
        try control(EPOLL_CTL_ADD, descriptor.number, events)
        slots[index].source = source
    }

    /// Changes what `descriptor` is watched for.
    public func modify(_ descriptor: borrowing FileDescriptor, _ events: Events) throws(SystemError) {
        try control(EPOLL_CTL_MOD, descriptor.number, events)
    }

    /// Stops watching. Events of this descriptor that were already taken from the kernel are dropped.
    public func remove(_ descriptor: borrowing FileDescriptor) {
        let index = Int(descriptor.number)
        guard index < slots.count, slots[index].source != nil else { return }
        slots[index].source = nil
        slots[index].generation &+= 1
        var event = epoll_event()
        // It can only fail for a descriptor that epoll does not know, which is what is wanted here.
        _ = epoll_ctl(epoll.number, EPOLL_CTL_DEL, descriptor.number, &event)
    }

    /// A timer of this loop, not armed yet.
    public func makeTimer(_ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(alarm: alarm, action: action)
        timers.append(timer)
        return timer
    }

    /// Forgets a timer for good.
    public func drop(_ timer: LoopTimer) {
        timer.disarm()
        timers.removeAll { $0 === timer }
    }

    /// Calls `observer` at the end of each turn, in the order of adding.
    public func add(_ observer: TurnObserver) { observers.append(observer) }

    /// Makes `run` return after the current turn.
    public func stop() { stopping = true }

    /// Runs turns until `stop`.
    public func run() throws(SystemError) {
        stopping = false
        while !stopping { try turn() }
    }

    /// One turn: sleeps until something is ready or a timer is due, at most `limit` microseconds.
    public func turn(atMost limit: Int64 = .max) throws(SystemError) {
        try alarm.set()
        // Rounded up, so that what is waited for has happened.
        let timeout = limit == .max ? -1 : Int32(clamping: (limit &+ 999) / 1000)
        let count = epoll_wait(epoll.number, events.baseAddress, Int32(Self.batch), timeout)
        if count < 0 {
            let error = SystemError("epoll_wait")
            guard error.number == EINTR else { throw error }
        }
        now = BootClock.now()
        for index in 0..<max(0, Int(count)) { dispatch(events[index]) }
        fireTimers()
        // By index, since an iterator of an array is allocated where nothing is optimised.
        for index in observers.indices { observers[index].turnEnds() }
    }

    private func dispatch(_ event: epoll_event) {
        let index = Int(event.data.u64 & 0xffff_ffff)
        let generation = UInt32(truncatingIfNeeded: event.data.u64 >> 32)
        // A descriptor closed earlier in this turn may have been reused already: its old events are not the new one's.
        guard slots[index].generation == generation, let source = slots[index].source else { return }
        source.ready(Events(rawValue: event.events))
    }

    private func fireTimers() {
        guard now >= alarm.earliest else { return }
        var index = 0
        while index < timers.count {
            let timer = timers[index]
            if timer.deadline <= now {
                timer.disarm()
                timer.action()
            }
            index += 1
        }
        // What fired is not armed any more, but for what armed itself again.
        alarm.earliest = .max
        for index in timers.indices { alarm.earliest = min(alarm.earliest, timers[index].deadline) }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: Events) throws(SystemError) {
        var event = epoll_event()
        event.events = events.rawValue
        event.data.u64 = UInt64(UInt32(descriptor)) | UInt64(slots[Int(descriptor)].generation) << 32
        guard epoll_ctl(epoll.number, operation, descriptor, &event) == 0 else { throw SystemError("epoll_ctl") }
    }
}
