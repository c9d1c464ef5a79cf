import Billing
import Metering
import RedisLink

/// The billing period of an hour, with the instants that matter for its invoice. All are seconds since the Unix epoch.
struct Books {
    /// Its start and end, at whole hours.
    let start: Int64
    let end: Int64
    /// Where they lie exactly.
    let exactStart: Int64
    let exactEnd: Int64
    /// The edges of the period that the tenant's record states.
    let recordStart: Int64
    let recordEnd: Int64

    /// Nil for a tenant without a subscription's period, and for an hour before its first one: no invoice is ever made
    /// of that usage.
    init?(calendar: PeriodCalendar, tenant: Tenant, hour: Int64) {
        guard let recordStart = tenant.periodStart, let recordEnd = tenant.periodEnd else { return nil }
        let period = calendar.period(for: .period, at: hour * 3600, tenant: tenant)
        guard let since = tenant.billedSince, period.end > since - since % 3600 else { return nil }
        start = period.start
        end = period.end
        exactStart = period.exactStart
        exactEnd = calendar.period(for: .period, at: period.end, tenant: tenant).exactStart
        self.recordStart = recordStart
        self.recordEnd = recordEnd
    }

    /// When nothing more is sent to the period's hours.
    func close(draft: StoredDraft?, times: FlushTimes, isUsageRecord: Bool) -> Int64 {
        // The draft of another period says nothing of this one.
        let finalisesAt = draft.flatMap { abs($0.periodEnd - exactEnd) < 3600 ? $0.finalisesAt : nil }
        return PeriodBooks.close(
            periodEnd: exactEnd, finalisesAt: finalisesAt, margin: times.booksMarginSeconds,
            isUsageRecord: isUsageRecord)
    }
}
