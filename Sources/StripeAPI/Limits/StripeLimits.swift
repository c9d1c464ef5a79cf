/// How fast and how many at once calls go to Stripe (docs.stripe.com/rate-limits). The defaults are Stripe's for a live
/// account, the pace of all a little below them; each client keeps them by itself.
public struct StripeLimits: Sendable, Equatable {
    /// The pace of all calls together, above 0. Stripe's basic limit is 100 a second live and 25 in a sandbox. Meter
    /// events have limits of their own and count here only if `meterEventsCount`.
    public var requestsPerSecond: Int
    /// Of any one endpoint without a limit of its own, above 0.
    public var endpointPerSecond: Int
    /// Of the two endpoints that take one meter event at a time, each, above 0
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
    public var meterEventsPerSecond: Int
    /// Of usage records, above 0; Stripe raises it to 200 when asked.
    public var usageRecordsPerSecond: Int
    /// Events, not requests, through the meter event stream, above 0; up to 200,000 by contract.
    public var streamEventsPerSecond: Int
    /// Whether meter events count toward `requestsPerSecond`, as they do in Stripe's sandboxes.
    public var meterEventsCount: Bool
    /// Calls on the wire at once, above 0.
    public var atOnce: Int
    /// Calls that wait for one about the same customer and meter, or the same subscription item. One more is refused.
    public var waitingForObject: Int
    /// Calls that wait for others to end, in all. One more is refused.
    public var waiting: Int

    /// Stripe's limits of a live account unless others are given.
    public init(
        requestsPerSecond: Int = 80, endpointPerSecond: Int = 25, meterEventsPerSecond: Int = 1000,
        usageRecordsPerSecond: Int = 100, streamEventsPerSecond: Int = 10_000, meterEventsCount: Bool = false,
        atOnce: Int = 16, waitingForObject: Int = 32, waiting: Int = 1024
    ) {
        self.requestsPerSecond = requestsPerSecond
        self.endpointPerSecond = endpointPerSecond
        self.meterEventsPerSecond = meterEventsPerSecond
        self.usageRecordsPerSecond = usageRecordsPerSecond
        self.streamEventsPerSecond = streamEventsPerSecond
        self.meterEventsCount = meterEventsCount
        self.atOnce = atOnce
        self.waitingForObject = waitingForObject
        self.waiting = waiting
        precondition(
            [
                requestsPerSecond, endpointPerSecond, meterEventsPerSecond, usageRecordsPerSecond,
                streamEventsPerSecond, atOnce,
            ].allSatisfy { $0 > 0 } && waitingForObject >= 0 && waiting >= 0, "each limit is above 0")
    }

    func perSecond(_ endpoint: Endpoint) -> Int {
        switch endpoint {
        case .createMeterEvent, .createMeterEventV2: meterEventsPerSecond
        case .sendToStream: streamEventsPerSecond
        case .createUsageRecord: usageRecordsPerSecond
        default: endpointPerSecond
        }
    }

    /// Whether calls of the endpoint count toward `requestsPerSecond`.
    func counts(_ endpoint: Endpoint) -> Bool {
        switch endpoint {
        case .createMeterEvent, .createMeterEventV2, .sendToStream: meterEventsCount
        default: true
        }
    }
}
