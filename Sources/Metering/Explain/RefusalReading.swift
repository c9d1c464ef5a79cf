/// A call that was refused, as its caller was told. Plain words only, so that to note one costs no memory.
public struct RefusalReading: Sendable, Equatable {
    /// Who said no.
    public enum Source: String, Sendable, CaseIterable {
        /// The tenant's record and the catalogue: no limit was looked at.
        case record
        /// This holder's own memory: a lease, or what Redis said lately.
        case lease
        /// Redis.
        case redis
        /// What decides while Redis does not.
        case policy
    }

    /// When, in Unix microseconds of Redis's clock.
    public var instant: Int64
    /// The command, in lower case.
    public var command: String
    /// The meter that decided.
    public var meter: String
    /// What was asked of it.
    public var amount: Int64
    /// Why.
    public var reason: DecisionReason
    /// What was used of the meter.
    public var used: Int64
    /// What it was limited to.
    public var limit: Int64
    /// When it could first have succeeded, in milliseconds from then; ``MeterOutcome/neverRetry`` for never.
    public var retryAfterMilliseconds: Int64
    /// Who said so.
    public var source: Source

    /// Takes its parts as they are.
    public init(
        instant: Int64, command: String, meter: String, amount: Int64, reason: DecisionReason, used: Int64,
        limit: Int64, retryAfterMilliseconds: Int64, source: Source
    ) {
        self.instant = instant
        self.command = command
        self.meter = meter
        self.amount = amount
        self.reason = reason
        self.used = used
        self.limit = limit
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.source = source
    }
}
