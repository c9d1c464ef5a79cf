/// One stretch of time over which a counter grows. Named by its start.
public struct Period: Sendable, Equatable, Hashable {
    /// The first second, in Unix seconds: a whole UTC minute for the cycle `minute`, a whole UTC hour for all others.
    public let start: Int64
    /// The first second after it, in Unix seconds: the start of the next period.
    public let end: Int64
    /// The edge that the period begins with before it was moved back to a whole hour, in Unix seconds. Usage of the
    /// first hour is to be stamped no earlier, where it has to lie inside a subscription's period.
    public let exactStart: Int64

    /// Takes its parts as they are.
    public init(start: Int64, end: Int64, exactStart: Int64) {
        self.start = start
        self.end = end
        self.exactStart = exactStart
    }

    /// All time that there is: what is in flight never starts anew.
    public static let endless = Period(
        start: Tenant.instants.lowerBound, end: Tenant.instants.upperBound + 1, exactStart: 0)

    /// True if the instant, in Unix seconds, lies in the period.
    public func contains(_ instant: Int64) -> Bool {
        instant >= start && instant < end
    }
}
