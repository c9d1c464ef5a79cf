internal import CLinux
internal import Glibc

/// Wakes a loop for its timers: one kernel timer, set anew only when something is due earlier than it is set for.
///
/// To sleep with a timeout instead would have the kernel program its clock for each sleep, which on a virtual machine
/// costs a microsecond, as much as all else that a request costs here.
final class LoopAlarm: EventSource {
    /// The instant before which no timer of the loop fires; some may have been put off since it was noted.
    var earliest = Int64.max
    /// What the kernel's timer is set for.
    private var setFor = Int64.max
    let descriptor: FileDescriptor

    init(clock: Int32 = CLOCK_BOOTTIME) throws(SystemError) {
        let number = timerfd_create(clock, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard number >= 0 else { throw SystemError("timerfd_create") }
        descriptor = FileDescriptor(owning: number)
        super.init()
    }

    /// Sees to it that the loop wakes at `earliest`. Called before it sleeps.
    func set() throws(SystemError) {
        guard earliest < setFor else { return }
        var time = itimerspec()
        // An instant that has passed wakes at once; 0 would never.
        let instant = max(1, earliest)
        time.it_value = timespec(tv_sec: Int(instant / 1_000_000), tv_nsec: Int(instant % 1_000_000) * 1000)
        guard timerfd_settime(descriptor.number, Int32(TFD_TIMER_ABSTIME), &time, nil) == 0 else {
            throw SystemError("timerfd_settime")
        }
        setFor = earliest
    }

    override func ready(_ events: Events) {
        var count: UInt64 = 0
        _ = read(descriptor.number, &count, MemoryLayout<UInt64>.size)
        setFor = .max
    }
}
