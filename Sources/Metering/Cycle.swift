/// How often a counter starts anew, or over which length a rate is measured (`per` in the catalogue).
public enum Cycle: String, Sendable, CaseIterable {
    /// A UTC minute.
    case minute
    /// A UTC hour.
    case hour
    /// A day in the catalogue's time zone.
    case day
    /// A month, anchored on the tenant's billing day, else the calendar month in the catalogue's time zone.
    case month
    /// The period of the tenant's subscription, else the calendar month in the catalogue's time zone.
    case period

    /// The length in microseconds of the cycles that always have the same one, which are those a rate can have.
    /// A day counts as 24 hours here: a rate has no edges for a time zone to move.
    public var fixedMicroseconds: Int64? {
        switch self {
        case .minute: 60_000_000
        case .hour: 3_600_000_000
        case .day: 86_400_000_000
        case .month, .period: nil
        }
    }
}
