/// A one-shot timer of an event loop. Lives on the loop's thread only.
///
/// A loop has a handful of these (one per link or per sweep, never one per request), so the loop looks through them
/// all; re-arming is a store.
public final class LoopTimer {
    /// When it fires, in microseconds of `BootClock`; `Int64.max` when it is not armed.
    public internal(set) var deadline = Int64.max
    let action: () -> Void

    init(action: @escaping () -> Void) {
        self.action = action
    }

    /// Fires at `instant` (microseconds of `BootClock`), once, instead of any earlier arming.
    public func arm(at instant: Int64) { deadline = instant }

    /// Fires no more until armed again.
    public func disarm() { deadline = .max }

    /// Whether it will fire.
    public var isArmed: Bool { deadline != .max }
}
