/// How many cells of a rate a holder has been asked for of late. Times are microseconds of its boot clock.
public struct RateDemand: Sendable, Equatable {
    /// Who asks less often than so many times in a window is not busy: to ask Redis each time costs little then, and
    /// cells in hand are cells that others lack.
    static let fewestCalls: Int64 = 4

    private let window: Int64
    private var since = Int64.min / 2
    private var calls: Int64 = 0
    private var cells: Int64 = 0
    private var callsBefore: Int64 = 0
    private var cellsBefore: Int64 = 0

    /// - Parameter window: the length of time it tells the demand of.
    public init(window: Int64) {
        self.window = max(1, window)
    }

    /// A call asks for so many cells.
    public mutating func note(_ amount: Int64, now: Int64) {
        let elapsed = now - since
        if elapsed >= window {
            (callsBefore, cellsBefore) = elapsed < 2 * window ? (calls, cells) : (0, 0)
            (calls, cells, since) = (0, 0, now)
        }
        calls += 1
        cells = min(Amount.largest, cells + amount)
    }

    /// How many cells were asked for in a window that has just passed or is passing; 0 for who is not busy.
    public func recent(now: Int64) -> Int64 {
        let elapsed = now - since
        guard elapsed < 2 * window else { return 0 }
        let hasBefore = elapsed < window
        guard max(calls, hasBefore ? callsBefore : 0) >= Self.fewestCalls else { return 0 }
        return max(cells, hasBefore ? cellsBefore : 0)
    }
}
