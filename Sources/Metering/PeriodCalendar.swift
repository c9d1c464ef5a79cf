public import Foundation

/// Says in which period an instant lies. The periods of a cycle and tenant tile time: no instant lies in two, and none
/// in no period.
///
/// Usage is kept by whole UTC hours, so the edges of days, months and subscription periods move back to the whole UTC
/// hour at or before them, and an instant in an edge's hour belongs to the new period. Limits so reset up to an hour
/// early: a subscription that renews at 10:17 UTC starts its new period at 10:00, and midnight in a zone half an hour
/// off UTC falls to the hour's start.
public struct PeriodCalendar: Sendable, Equatable {
    private static let secondsPerMinute: Int64 = 60
    private static let secondsPerHour: Int64 = 3_600

    private let zone: ZoneDays

    /// Days and calendar months are those of this time zone.
    public init(_ timeZone: TimeZone) {
        zone = ZoneDays(timeZone)
    }

    /// The period of a cycle that an instant lies in. Costs a few divisions in UTC and for an anchored tenant, and some
    /// lookups in the time zone's table otherwise; the answer holds until ``Period/end``.
    ///
    /// - Parameters:
    ///   - cycle: How often a counter starts anew.
    ///   - instant: Unix seconds; taken as the nearest of ``Tenant/instants`` outside of them.
    ///   - tenant: Whose billing day and subscription period count; nil for one that nobody put.
    public func period(for cycle: Cycle, at instant: Int64, tenant: Tenant?) -> Period {
        let instant = min(max(instant, Tenant.instants.lowerBound), Tenant.instants.upperBound)
        if cycle == .minute {
            return PeriodCalendar.fixed(PeriodCalendar.secondsPerMinute, at: instant)
        }
        // An edge anywhere in this hour counts as reached at the hour's start, so the hour's last second decides.
        let lastOfHour = PeriodCalendar.floorToHour(instant) + PeriodCalendar.secondsPerHour - 1
        let exact =
            switch cycle {
            case .minute, .hour: PeriodCalendar.fixed(PeriodCalendar.secondsPerHour, at: lastOfHour)
            case .day: zone.day(at: lastOfHour)
            case .month: PeriodCalendar.anchoredMonth(of: tenant, at: lastOfHour) ?? zone.month(at: lastOfHour)
            case .period: PeriodCalendar.subscriptionPeriod(of: tenant, at: lastOfHour) ?? zone.month(at: lastOfHour)
            }
        return Period(
            start: PeriodCalendar.floorToHour(exact.start), end: PeriodCalendar.floorToHour(exact.end),
            exactStart: exact.start)
    }

    /// The period of a meter that an instant lies in. What is in flight has one period for ever.
    public func period(of meter: Meter, at instant: Int64, tenant: Tenant?) -> Period {
        if meter.kind == .concurrency { return .endless }
        return period(for: meter.cycle ?? .period, at: instant, tenant: tenant)
    }

    private static func fixed(_ length: Int64, at instant: Int64) -> Period {
        let start = floorDivide(instant, length) * length
        return Period(start: start, end: start + length, exactStart: start)
    }

    private static func floorToHour(_ instant: Int64) -> Int64 {
        floorDivide(instant, secondsPerHour) * secondsPerHour
    }

    private static func anchoredMonth(of tenant: Tenant?, at instant: Int64) -> Period? {
        guard let anchor = tenant?.anchor.map({ BillingAnchor($0) }) else { return nil }
        let month = anchor.index(at: instant)
        return Period(start: anchor.edge(month), end: anchor.edge(month + 1), exactStart: anchor.edge(month))
    }

    /// The subscription's period, or one before or after it of the same interval: whole months if the period is such,
    /// else the same number of seconds.
    private static func subscriptionPeriod(of tenant: Tenant?, at instant: Int64) -> Period? {
        guard let tenant, let start = tenant.periodStart, let end = tenant.periodEnd else { return nil }
        if instant >= start && instant < end {
            return Period(start: start, end: end, exactStart: start)
        }
        // A clamped edge (28 February) does not show the billing day, so the record's anchor is asked first, and then
        // each edge as if it were the anchor.
        for candidate in [tenant.anchor, start, end] {
            guard let anchor = candidate.map({ BillingAnchor($0) }), anchor.contains(start), anchor.contains(end)
            else { continue }
            let first = anchor.index(at: start)
            let months = anchor.index(at: end) - first
            let number = first + floorDivide(anchor.index(at: instant) - first, months) * months
            return Period(
                start: anchor.edge(number), end: anchor.edge(number + months), exactStart: anchor.edge(number))
        }
        let length = end - start
        let rolled = start + floorDivide(instant - start, length) * length
        return Period(start: rolled, end: rolled + length, exactStart: rolled)
    }
}
