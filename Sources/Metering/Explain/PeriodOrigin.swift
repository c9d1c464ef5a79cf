/// Why a counter's period has the edges it has.
public enum PeriodOrigin: String, Sendable, CaseIterable {
    /// A whole UTC minute or hour.
    case clock
    /// A day of the catalogue's time zone.
    case zoneDay = "day"
    /// A calendar month of the catalogue's time zone.
    case calendarMonth = "calendar_month"
    /// A month from the tenant's billing day to the next.
    case anchor
    /// The subscription's period, as the record has it.
    case subscription
    /// One before or after the record's, of the same length: the record has not been told of it.
    case rolledSubscription = "rolled_subscription"
    /// What is in flight never starts anew.
    case endless

    /// Why a meter's period at an instant (Unix seconds) is what ``PeriodCalendar/period(of:at:tenant:)`` says.
    public init?(of meter: Meter, period: Period, tenant: Tenant?) {
        switch meter.kind {
        case .concurrency: self = .endless
        case .rate, .level: return nil
        case .counter:
            switch meter.cycle ?? .period {
            case .minute, .hour: self = .clock
            case .day: self = .zoneDay
            case .month: self = tenant?.anchor == nil ? .calendarMonth : .anchor
            case .period:
                guard let start = tenant?.periodStart else {
                    self = .calendarMonth
                    return
                }
                self = period.exactStart == start ? .subscription : .rolledSubscription
            }
        }
    }
}
