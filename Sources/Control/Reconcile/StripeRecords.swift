import Billing
import Logging
import Metering
import RedisLink
import StripeAPI

/// Reads what Stripe has recorded, for one run of a comparison or for one after the other.
actor StripeRecords {
    /// What Stripe has of a customer's meter, and what that is: `mtr_… cus_…`, or `si_…`.
    enum Reading: Sendable, Equatable {
        /// By hours since the Unix epoch; an hour that is not there is 0.
        case hours([Int64: Int64], of: String)
        /// Of an item that has usage records: its periods.
        case periods([Period], of: String)
    }

    /// What an item has recorded in a period.
    struct Period: Sendable, Equatable {
        /// Hours since the Unix epoch: our period, which begins at the whole hour at or before its edge.
        var hours: Range<Int64>
        /// Where Stripe's begins and ends, Unix seconds; it ends in the far future if nobody knows.
        var exact: Range<Int64>
        var total: Int64
        /// Whether Stripe takes records of it: only of the one that runs (API reference of 2024-12-18.acacia).
        var isOpen: Bool
    }

    /// Who pays at Stripe for a tenant.
    struct Payer: Sendable, Equatable {
        /// `cus_…` and `sub_…`; nil where the tenant's record has none.
        var customer: String?
        var subscription: String?

        /// What a tenant's record says; nobody without one.
        init(_ stored: StoredTenant?) {
            customer = stored?.fields["customer"]
            subscription = stored?.fields["subscription"]
        }
    }

    /// Why something could not be read.
    enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// Stripe has nothing of that name, or not as it must be; the text says what to do.
        case unfit(String)
        /// Stripe, or the way to it.
        case stripe(StripeError)

        var description: String {
            switch self {
            case .unfit(let why): why
            case .stripe(let error): error.description
            }
        }

        /// Whether it may concern this customer or meter alone, though it looks like Stripe: another may be read.
        var isPassing: Bool {
            if case .stripe(let error) = self { error.isRetryable } else { false }
        }

        /// Whether it concerns everything that is read, and not this customer or meter.
        var isOutage: Bool {
            switch self {
            case .unfit: false
            case .stripe(let error): error.isRetryable || error.httpStatus == 401 || error.httpStatus == 403
            }
        }
    }

    /// How often a read is tried, and how long the first wait is between.
    private static let attempts = 3
    private static let backoff = RetryBackoff(first: .milliseconds(500), longest: .seconds(4))
    /// How long the list of meters counts, in milliseconds.
    private static let lifetime: Int64 = 300_000

    private let context: ControlContext
    private var meters: [String: [BillingMeter]] = [:]
    private var readAt: Int64?
    private var subscriptions: [String: StripeSubscription] = [:]
    private var reading: Task<Result<[BillingMeter], Failure>, Never>?
    /// Reads of Stripe that were made.
    private(set) var reads = 0

    init(context: ControlContext) { self.context = context }

    /// What is read from now on is of another run: what was read of subscriptions counts no more.
    func beginRun() { subscriptions = [:] }

    /// The longest span of one read, in hours.
    private static let longestSpan: Int64 = 100

    /// Hours of one tenant's meter each, the oldest first, within one read.
    static func spans<Hour>(_ hours: [Hour], key: (Hour) -> StoredHour.Key) -> [[Hour]] {
        let sorted = hours.sorted {
            let (left, right) = (key($0), key($1))
            return (left.tenant, left.meter, left.hour) < (right.tenant, right.meter, right.hour)
        }
        var spans: [[Hour]] = []
        for hour in sorted {
            let own = key(hour)
            if let first = spans.last?.first.map(key), first.tenant == own.tenant, first.meter == own.meter,
                own.hour - first.hour < longestSpan
            {
                spans[spans.count - 1].append(hour)
            } else {
                spans.append([hour])
            }
        }
        return spans
    }

    /// How many reads a range of hours takes at most, if none has to be made again: Stripe tells 100 rows at once
    /// (docs.stripe.com/api/pagination).
    static func reads(of range: Range<Int64>) -> Int { (range.count + 99) / 100 }

    /// What Stripe has of the hours; nil when nobody pays, so that there is nothing to ask for.
    ///
    /// - Throws: ``Failure``; without a key it is `unfit`.
    func recorded(
        _ meter: StripeMeter, payer: Payer, hours range: Range<Int64>
    ) async throws(Failure) -> Reading? {
        guard let stripe = context.stripe else { throw .unfit("STRIPE_SECRET_KEY is not set") }
        if let price = meter.price {
            guard let subscription = payer.subscription else { return nil }
            return try await periods(price, of: subscription, stripe)
        }
        guard let eventName = meter.eventName, let customer = payer.customer else { return nil }
        let id = try await meterID(eventName, stripe)
        let rows = try await read { () async throws(StripeError) in
            try await stripe.eventSummaries(
                meter: id, customer: customer, fromHour: range.lowerBound, toHour: range.upperBound)
        }
        reads += max(0, (rows.count - 1) / 100)
        var hours: [Int64: Int64] = [:]
        for row in rows {
            guard row.aggregatedValue.magnitude < 1e18 else {
                throw .unfit("Stripe's summary of \(eventName) says \(row.aggregatedValue), which is no total of ours")
            }
            hours[row.startTime / 3600, default: 0] += Int64(row.aggregatedValue.rounded())
        }
        return .hours(hours, of: StripePlace.meter(id: id, customer: customer).text)
    }

    /// What the subscription's item of a price has recorded.
    private func periods(
        _ price: String, of subscription: String, _ stripe: StripeClient
    ) async throws(Failure) -> Reading {
        if subscriptions[subscription] == nil {
            subscriptions[subscription] = try await read { () async throws(StripeError) in
                // Only the version of usage records surely shows their items.
                try await stripe.subscription(subscription, isForUsageRecords: true)
            }
        }
        guard let item = subscriptions[subscription]?.items.first(where: { $0.priceID == price }) else {
            throw .unfit("the subscription \(subscription) has no item with the price \(price)")
        }
        let summaries = try await read { () async throws(StripeError) in
            try await stripe.usageRecordSummaries(item: item.id)
        }
        reads += max(0, (summaries.count - 1) / 100)
        let latest = context.now() / 3_600_000 + 1
        let periods = summaries.compactMap { summary -> Period? in
            let isOpen = summary.invoice == nil
            guard let start = summary.periodStart ?? (isOpen ? item.periodStart : nil) else { return nil }
            let end = summary.periodEnd ?? (isOpen ? item.periodEnd : nil) ?? .max
            let last = min(end / 3600, latest)
            guard start / 3600 < last else { return nil }
            return Period(
                hours: start / 3600..<last, exact: start..<end, total: summary.totalUsage, isOpen: isOpen)
        }
        return .periods(periods, of: StripePlace.item(item.id).text)
    }

    /// The active meter of an event name, else one that once was.
    private func meterID(_ eventName: String, _ stripe: StripeClient) async throws(Failure) -> String {
        let now = context.now()
        if readAt.map({ now < $0 || now - $0 >= Self.lifetime }) ?? true {
            let task = reading ?? Task { await self.list(stripe) }
            reading = task
            let result = await task.value
            if reading == task { reading = nil }
            meters = Dictionary(grouping: try result.get(), by: \.eventName)
            readAt = now
        }
        let found = meters[eventName] ?? []
        guard let meter = found.first(where: { $0.status == "active" }) ?? found.first else {
            throw .unfit("Stripe has no meter for the event name \(eventName)")
        }
        return meter.id
    }

    private func list(_ stripe: StripeClient) async -> Result<[BillingMeter], Failure> {
        do throws(Failure) {
            let list = try await read { () async throws(StripeError) in
                try await stripe.listMeters()
            }
            reads += max(0, (list.count - 1) / 100)
            return .success(list)
        } catch {
            return .failure(error)
        }
    }

    /// Reads, again after a while if that can help.
    private func read<Value: Sendable>(
        _ call: () async throws(StripeError) -> Value
    ) async throws(Failure) -> Value {
        let retry = StripeRetry(attempts: Self.attempts, backoff: Self.backoff, clock: context.clock)
        do throws(StripeError) {
            return try await retry.read { () async throws(StripeError) in
                reads += 1
                return try await call()
            }
        } catch {
            throw .stripe(error)
        }
    }
}
