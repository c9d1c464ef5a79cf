/// The instant an hour's event is stamped with, or why it cannot be sent now. All instants are seconds since the Unix
/// epoch.
public enum EventTimestamp: Sendable, Equatable {
    /// Send it, stamped so.
    case sendable(Int64)
    /// A period's edge lies in the hour and has not passed; not before this instant.
    case edgeNotPast(until: Int64)
    /// The hour itself has not begun; not before this instant.
    case hourNotBegun(until: Int64)
    /// Stripe would refuse the stamp as too old.
    case tooOld

    /// How far back a stamp may lie: "within the past 35 calendar days" (docs.stripe.com/api/billing/meter-event).
    public static let oldestSeconds: Int64 = 35 * 86_400

    /// The hour's start, except for an hour that holds the exact edge of a period. That hour belongs to the period
    /// which begins at the edge, so its event is stamped with the edge, where Stripe's own period begins, and is not
    /// sent before that instant has passed (`docs/architecture.md`, periods).
    ///
    /// - Parameters:
    ///   - hour: hours since the Unix epoch.
    ///   - periodEdges: the exact edges known for the tenant, in any order. With several in the hour the last counts.
    ///   - now: the present.
    ///   - isUsageRecord: whether it is sent as one. Of those Stripe takes what lies "within the current billing
    ///     period", however long that is (docs.stripe.com/api/usage_records/create of 2024-12-18.acacia).
    public static func of(
        hour: Int64, periodEdges: [Int64], now: Int64, isUsageRecord: Bool = false
    ) -> EventTimestamp {
        let start = hour * 3600
        guard start <= now else { return .hourNotBegun(until: start) }
        let edge = periodEdges.filter { $0 >= start && $0 < start + 3600 }.max()
        let stamp = edge ?? start
        guard stamp <= now else { return .edgeNotPast(until: stamp) }
        return isUsageRecord || now - stamp <= oldestSeconds ? .sendable(stamp) : .tooOld
    }
}
