import Synchronization

/// A wall clock that the test sets.
final class ManualTime: Sendable {
    private let now: Mutex<Int64>

    init(milliseconds: Int64) { now = Mutex(milliseconds) }

    /// Since the Unix epoch.
    var milliseconds: Int64 { now.withLock { $0 } }

    func advance(seconds: Int64) { now.withLock { $0 += seconds * 1000 } }
}
