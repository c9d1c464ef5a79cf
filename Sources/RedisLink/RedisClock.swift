/// What Redis's clock shows, told from this host's boot clock and the instants that Redis's own answers carry.
///
/// Each answer bounds the offset from below: Redis read its clock before the answer arrived. The largest bound of the
/// last one to two seconds is used, so a slow answer changes nothing and a step of Redis's clock is followed soon.
/// With a lower bound, an instant computed by it is never later than meant: a script told to change nothing past it
/// changes nothing past it.
public struct RedisClock {
    /// How long a bound counts, in microseconds: this long at least, twice as long at most.
    private static let span: Int64 = 1_000_000

    private var current = Int64.min
    private var previous = Int64.min
    private var spanStart = Int64.min

    /// A clock that knows nothing yet.
    public init() {}

    /// Whether an answer was seen.
    public var isSet: Bool { max(current, previous) != .min }

    /// Learns from an answer that says `redisTime` and arrived at `received`, both in microseconds.
    public mutating func observe(redisTime: Int64, received: Int64) {
        if spanStart == .min || received - spanStart >= Self.span {
            // After a silence longer than two spans the old bounds say nothing about a stepped clock.
            previous = spanStart != .min && received - spanStart < 2 * Self.span ? current : .min
            current = .min
            spanStart = received
        }
        current = max(current, redisTime - received)
    }

    /// Redis's time at `instant` of the boot clock, in microseconds since 1970; at most what its clock shows then.
    public func time(at instant: Int64) -> Int64 {
        instant + max(current, previous)
    }
}
