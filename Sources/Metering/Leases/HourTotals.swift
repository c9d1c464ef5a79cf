/// A holder's totals of one UTC hour of one tenant and meter. Each only grows and is merged by taking the larger.
public struct HourTotals: Sendable, Equatable {
    /// The hour, counted from 1970.
    public let hour: Int64
    /// What the holder let through by itself.
    public var consumed: Int64
    /// What was given back of it, as Redis decided.
    public var refunded: Int64
    /// What Redis decided for the holder, on a row of its own.
    public var decided: Int64

    /// Totals of an hour.
    public init(hour: Int64, consumed: Int64 = 0, refunded: Int64 = 0, decided: Int64 = 0) {
        self.hour = hour
        self.consumed = consumed
        self.refunded = refunded
        self.decided = decided
    }

    /// What the hour adds to the period's usage.
    public var net: Int64 { consumed - refunded + decided }

    /// Keeps the larger of each total.
    public mutating func merge(_ other: HourTotals) {
        consumed = max(consumed, other.consumed)
        refunded = max(refunded, other.refunded)
        decided = max(decided, other.decided)
    }
}
