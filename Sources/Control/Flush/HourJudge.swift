import Billing
import Metering
import RedisLink

/// Says of an owed hour whether it can be sent, by everything but earlier failures.
struct HourJudge {
    enum Verdict: Equatable {
        case send(SendOrder)
        case late(LatePeriod)
        /// Stripe would refuse it as too old.
        case tooOld(SendForm)
        case hold(OwedState)
    }

    let catalogue: Catalogue
    /// By the catalogue's time zone.
    let calendar: PeriodCalendar
    /// What is known of the meters at Stripe under an event name; nil when nothing has been read yet.
    let fit: (String, StripeMeter.Mode) -> MeterFit?
    /// The subscription item of a tenant that has a price; nil when nothing has been read yet.
    let item: (Tenant, String) -> ItemFit?
    /// The draft invoices of tenants, as far as Stripe told of them.
    let drafts: [String: StoredDraft]
    let times: FlushTimes
    /// How often one of a tenant's meters is compared with Stripe, in seconds.
    let checkInterval: Int64
    /// Seconds since the Unix epoch.
    let now: Int64

    func judge(_ stored: StoredHour, tenant: Tenant?) -> Verdict {
        let key = stored.key
        guard let meter = catalogue.meter(key.meter)?.stripe else {
            return .hold(.meterUnfit("the catalogue has no meter \(key.meter) with a stripe block (any more)"))
        }
        let isUsageRecord = meter.mode == .usageRecord
        let isTooOld = key.hour * 3600 + 3599 < now - EventTimestamp.oldestSeconds
        let form: SendForm = meter.mode == .sum ? .range : .total
        guard let tenant, let customer = tenant.customer else {
            return isTooOld ? .tooOld(form) : .hold(.noCustomer)
        }
        let destination: SendOrder.Destination
        var itemStart: Int64?
        switch place(meter, tenant: tenant, customer: customer) {
        case .failure(let hold): return .hold(hold.state)
        case .success(let found): (destination, itemStart) = found
        }
        let found = books(of: key, tenant: tenant)
        let (period, closing) = (found?.period, found?.closing)
        if let period, let closing, closing <= now {
            // Requests that were under way are over, and what they brought stands in the summaries; also where the
            // news that the books have closed came later than that.
            let known = max(closing, drafts[tenant.id]?.readAt ?? 0)
            let settled = known + times.markSeconds + times.summaryLagSeconds
            if settled > now { return .hold(.late(until: settled * 1000)) }
            return .late(
                LatePeriod(
                    tenant: tenant.id, meter: key.meter, start: period.start, end: period.end,
                    place: destination.place))
        }
        if period != nil, let itemStart, isOver(key.hour, before: itemStart) {
            return .hold(.periodUnknown)
        }
        switch EventTimestamp.of(
            hour: key.hour, periodEdges: edges(period, itemStart), now: now, isUsageRecord: isUsageRecord)
        {
        case .edgeNotPast: return .hold(.edgeNotPast)
        case .hourNotBegun(let until): return .hold(.backingOff(until: until * 1000))
        case .tooOld: return .tooOld(form)
        case .sendable(let timestamp):
            return .send(
                SendOrder(
                    hour: OwedHour(stored), destination: destination, form: form, timestamp: timestamp,
                    checkAt: checkAt(key, closing: closing, period),
                    closing: closing, period: hours(of: period, itemStart, key.hour),
                    isPeriodOver: period.map { $0.exactEnd <= now } ?? false))
        }
    }

    /// The period that the hour is billed in, and when its books close; nil for an hour that no invoice has.
    func books(of key: StoredHour.Key, tenant: Tenant) -> (period: Books, closing: Int64)? {
        Books(calendar: calendar, tenant: tenant, hour: key.hour).map { books in
            let isUsageRecord = catalogue.meter(key.meter)?.stripe?.mode == .usageRecord
            return (books, books.close(draft: drafts[tenant.id], times: times, isUsageRecord: isUsageRecord))
        }
    }

    private struct Hold: Error {
        let state: OwedState
    }

    private func place(
        _ meter: StripeMeter, tenant: Tenant, customer: String
    ) -> Result<(SendOrder.Destination, Int64?), Hold> {
        if let price = meter.price {
            switch item(tenant, price) {
            case nil: return .failure(Hold(state: .owed))
            case .missing(let why): return .failure(Hold(state: .noItem(why)))
            case .found(let id, let start): return .success((.item(id), start))
            }
        }
        let name = meter.eventName ?? ""
        switch fit(name, meter.mode) {
        case nil: return .failure(Hold(state: .owed))
        case .unfit(let why): return .failure(Hold(state: .meterUnfit(why)))
        case .fit(let facts): return .success((.meter(facts, eventName: name, customer: customer), nil))
        }
    }

    /// The exact edges of periods that may lie in the hour: those of the record's calendar, and where the item's period
    /// begins at Stripe.
    private func edges(_ period: Books?, _ itemStart: Int64?) -> [Int64] {
        [period?.exactStart, period?.recordStart, period?.recordEnd, itemStart].compactMap { $0 }
    }

    /// Whether it is of a period that is over at Stripe since so long that no usage record of it is taken.
    private func isOver(_ hour: Int64, before itemStart: Int64) -> Bool {
        (hour + 1) * 3600 <= itemStart && itemStart + PeriodBooks.usageRecordGrace <= now
    }

    /// The hours of the period that it is billed in, as far as it is the item's present one too; where the record
    /// states none, of that.
    private func hours(of period: Books?, _ itemStart: Int64?, _ hour: Int64) -> Range<Int64>? {
        let known = itemStart.map { $0 / 3600 }.flatMap { $0 <= hour ? $0 : nil }
        if let period { return max(period.start / 3600, known ?? .min)..<period.end / 3600 }
        return known.map { $0..<Int64.max }
    }

    /// Once the hour is over and its period's books are still open.
    private func checkAt(_ key: StoredHour.Key, closing: Int64?, _ period: Books?) -> Int64 {
        CheckDue.of(
            hour: key.hour, tenant: key.tenant, now: now, lag: times.summaryLagSeconds,
            interval: checkInterval, booksClose: closing)
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
