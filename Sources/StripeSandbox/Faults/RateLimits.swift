/// How many requests are let through; nil is no limit.
struct RateLimits: Sendable, Equatable {
    /// Which of the limits an endpoint is under.
    enum Family: Sendable {
        case meterEvents, stream, usageRecords, other
    }

    /// Requests a second, all together. Families with a limit of their own do not count, once they have one.
    var global: Int?
    /// Requests in progress, all together.
    var globalConcurrency: Int?
    /// Requests a second to `meter_events`, v1 and v2 each.
    var meterEvents: Int?
    var stream: Int?
    var usageRecords: Int?
    /// Requests a second to each other endpoint.
    var endpoint: Int?
    /// Requests in progress at each endpoint.
    var endpointConcurrency: Int?

    /// Those of a live account (docs.stripe.com/rate-limits; usage records: docs.stripe.com/billing/subscriptions/
    /// usage-based-legacy/recording-usage). Stripe tells no numbers for requests in progress.
    static let stripe = RateLimits(
        global: 100, meterEvents: 1_000, stream: 10_000, usageRecords: 100, endpoint: 25)

    /// Requests a second that an endpoint of the family takes.
    func rate(_ family: Family) -> Int? {
        switch family {
        case .meterEvents: meterEvents
        case .stream: stream
        case .usageRecords: usageRecords
        case .other: endpoint
        }
    }

    /// Whether requests of the family count toward the global rate: meter events and their stream are "separate from
    /// basic limits" (docs.stripe.com/rate-limits).
    func isGlobal(_ family: Family) -> Bool {
        switch family {
        case .meterEvents: meterEvents == nil
        case .stream: stream == nil
        case .usageRecords, .other: true
        }
    }

    private typealias Key = WritableKeyPath<RateLimits, Int?>

    private static var keys: [(name: String, path: Key)] {
        [
            ("global", \.global), ("global_concurrency", \.globalConcurrency), ("meter_events", \.meterEvents),
            ("stream", \.stream), ("usage_records", \.usageRecords), ("endpoint", \.endpoint),
            ("endpoint_concurrency", \.endpointConcurrency),
        ]
    }

    /// As `/_sandbox/settings` tells them; nil is no limit.
    var body: JSONValue {
        .object(Dictionary(uniqueKeysWithValues: Self.keys.map { ($0.name, .optional(self[keyPath: $0.path])) }))
    }

    /// `"stripe"`, `"none"`, or the limits by name; those not named are none.
    init(_ json: JSONValue) throws(ControlError) {
        self.init()
        switch json.text {
        case "stripe"?: self = .stripe
        case "none"?: break
        case _?: throw ControlError("limits must be stripe, none or an object")
        case nil:
            let input = try ControlInput(json, allowing: Set(Self.keys.map(\.name)))
            for key in Self.keys where input.members[key.name] != .null {
                self[keyPath: key.path] = try input.integer(key.name, in: 1...1_000_000)
            }
        }
    }

    init(
        global: Int? = nil, meterEvents: Int? = nil, stream: Int? = nil, usageRecords: Int? = nil, endpoint: Int? = nil
    ) {
        self.global = global
        self.meterEvents = meterEvents
        self.stream = stream
        self.usageRecords = usageRecords
        self.endpoint = endpoint
    }
}
