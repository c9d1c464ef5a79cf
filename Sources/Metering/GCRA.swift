/// The generic cell rate algorithm in integer microseconds: a rate with a burst, kept as one number, the theoretical
/// arrival time (TAT) of the next cell.
///
/// A Lua script does the same arithmetic on the same numbers. Every intermediate value is an integer below 2^53, which
/// a double holds exactly, so the two agree to the last microsecond:
/// ```
/// interval  = ceil(period / limit)              -- one cell, in µs
/// tolerance = burst * interval                  -- how far TAT may lie ahead of now
/// base      = min(max(tat, now), now + tolerance)   -- an absent tat is now
/// new       = base + n * interval
/// allowed   = new - now <= tolerance
/// free      = floor((tolerance - (x - now)) / interval)   -- x: new if allowed, else base
/// used      = burst - free
/// retry     = 0 if allowed, else new - tolerance - now    -- in µs
/// ```
/// The upper bound on `base` holds after a limit was lowered or a clock stepped back: nobody waits longer than the
/// burst takes to drain.
public struct GCRA: Sendable, Equatable {
    /// The answer to one call.
    public struct Outcome: Sendable, Equatable {
        /// True if the cells were free.
        public let allowed: Bool
        /// The arrival time to store, in Unix microseconds. After a refusal it is the old one within its bounds, and
        /// need not be stored.
        public let newArrival: Int64
        /// The burst less the cells that are free now, this call included if it is allowed.
        public let used: Int64
        /// Microseconds until the same call can first succeed: 0 if it is allowed, ``neverRetry`` if it asks for more
        /// cells than the burst has.
        public let retryAfterMicroseconds: Int64

        /// True if no waiting helps: the call asks for more than the burst.
        public var isTooLarge: Bool { retryAfterMicroseconds == GCRA.neverRetry }

        /// The wait in milliseconds, rounded up so that a call made then succeeds; -1 if no waiting helps.
        public var retryAfterMilliseconds: Int64 {
            isTooLarge ? MeterOutcome.neverRetry : (retryAfterMicroseconds + 999) / 1_000
        }
    }

    /// How an outcome says that no waiting helps.
    public static let neverRetry: Int64 = -1

    /// The longest tolerance: ten years in microseconds. With it, every value stays below 2^53 until the year 2235.
    public static let longestToleranceMicroseconds: Int64 = 315_576_000_000_000

    /// The time of one cell, 1 or more.
    public let intervalMicroseconds: Int64
    /// How many cells may come at once.
    public let burst: Int64
    /// How far the arrival time may lie ahead of now.
    public let toleranceMicroseconds: Int64

    /// Makes the rate of `limit` cells per period. A limit that does not divide the period is rounded to the slower
    /// side: 7 a minute is one in 8,571,429 µs.
    ///
    /// - Returns: Nil for a limit or burst below 1, for a limit of more than one cell a microsecond, and for a burst
    ///   that takes over ten years to drain. A limit of 0 has no rate: every call is too large.
    public init?(limit: Int64, periodMicroseconds: Int64, burst: Int64) {
        guard limit >= 1, burst >= 1, periodMicroseconds >= limit else { return nil }
        let interval = (periodMicroseconds - 1) / limit + 1
        let (tolerance, overflow) = interval.multipliedReportingOverflow(by: burst)
        guard !overflow, tolerance <= GCRA.longestToleranceMicroseconds else { return nil }
        intervalMicroseconds = interval
        self.burst = burst
        toleranceMicroseconds = tolerance
    }

    /// Decides a call for n cells.
    ///
    /// - Parameters:
    ///   - arrival: The stored arrival time in Unix microseconds; nil if there is none.
    ///   - now: Unix microseconds.
    ///   - cells: 0 or more; 0 is always allowed and shows what is used.
    public func decide(arrival: Int64?, now: Int64, cells: Int64) -> Outcome {
        let base = min(max(arrival ?? now, now), now + toleranceMicroseconds)
        guard cells <= burst else {
            return Outcome(
                allowed: false, newArrival: base, used: used(ahead: base - now),
                retryAfterMicroseconds: GCRA.neverRetry)
        }
        let new = base + cells * intervalMicroseconds
        guard new - now <= toleranceMicroseconds else {
            return Outcome(
                allowed: false, newArrival: base, used: used(ahead: base - now),
                retryAfterMicroseconds: new - toleranceMicroseconds - now)
        }
        return Outcome(allowed: true, newArrival: new, used: used(ahead: new - now), retryAfterMicroseconds: 0)
    }

    /// Cells that are not free while the arrival time lies this far ahead of now.
    private func used(ahead: Int64) -> Int64 {
        burst - (toleranceMicroseconds - ahead) / intervalMicroseconds
    }
}
