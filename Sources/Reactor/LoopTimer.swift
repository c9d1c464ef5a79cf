/// A one-shot timer of an event loop. Lives on the loop's thread only.
///
/// A loop has a handful of these (one per link or per sweep, never one per request), so it looks through them all once
/// the earliest instant that any was armed for has come; re-arming is two stores.
public final class LoopTimer {
    /// When it fires, in microseconds of `BootClock`; `Int64.max` when it is not armed.
    public internal(set) var deadline = Int64.max
    let action: () -> Void
    private let alarm: LoopAlarm

    init(alarm: LoopAlarm, action: @escaping () -> Void) {
        self.alarm = alarm
        self.action = action
    }

    /// Fires at `instant` (microseconds of `BootClock`), once, instead of any earlier arming.
    public func arm(at instant: Int64) {
        deadline = instant
        alarm.earliest = min(alarm.earliest, instant)
    }

    /// Fires no more until armed again.
    public func disarm() { deadline = .max }

    /// Whether it will fire.
    public var isArmed: Bool { deadline != .max }
}
