import Billing
import Metering
import RedisLink

/// Says of an owed hour whether it can be sent, by everything but earlier failures.
struct HourJudge {
    enum Verdict: Equatable {
        case send(SendOrder)
        case hold(OwedState)
    }

    let catalogue: Catalogue
    /// What is known of the meters at Stripe under an event name; nil when nothing has been read yet.
    let fit: (String) -> MeterFit?
    /// Seconds since the Unix epoch.
    let now: Int64

    func judge(_ stored: StoredHour, tenant: Tenant?) -> Verdict {
        let key = stored.key
        guard let eventName = catalogue.meter(key.meter)?.stripe?.eventName else {
            return .hold(.meterUnfit("the catalogue has no meter \(key.meter) with a stripe block (any more)"))
        }
        guard let tenant, let customer = tenant.customer else { return .hold(.noCustomer) }
        switch fit(eventName) {
        case nil: return .hold(.owed)
        case .unfit(let why): return .hold(.meterUnfit(why))
        case .fit(let facts):
            switch EventTimestamp.of(hour: key.hour, periodEdges: edges(tenant, hour: key.hour), now: now) {
            case .edgeNotPast: return .hold(.edgeNotPast)
            case .hourNotBegun(let until): return .hold(.backingOff(until: until * 1000))
            case .tooOld: return .hold(.tooOld)
            case .sendable(let timestamp):
                return .send(
                    SendOrder(
                        hour: OwedHour(stored), customer: customer, facts: facts, eventName: eventName,
                        timestamp: timestamp, earlierUnknown: stored.sendingUntil != nil))
            }
        }
    }

    /// The exact edges of the subscription's periods that may lie in the hour: those of the record, and the one that
    /// the record's period leads to when the hour lies outside of it.
    private func edges(_ tenant: Tenant, hour: Int64) -> [Int64] {
        guard let start = tenant.periodStart, let end = tenant.periodEnd else { return [] }
        let calendar = PeriodCalendar(catalogue.timeZone)
        return [start, end, calendar.period(for: .period, at: hour * 3600, tenant: tenant).exactStart]
    }
}

extension OwedHour {
    /// An hour as Redis has it.
    init(_ stored: StoredHour) {
        self.init(
            tenant: stored.key.tenant, meter: stored.key.meter, hour: stored.key.hour, total: stored.total,
            acknowledged: stored.acknowledged)
    }
}
