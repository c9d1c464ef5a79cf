public import Foundation

/// Everything that `plans.yaml` says: meters, plans and the rules between them. A value: a reload makes a new one.
/// Its meters keep their order, so an index into ``meters`` is good for the life of the value.
public struct Catalogue: Sendable, Equatable {
    /// All meters, in the order of the file.
    public let meters: [Meter]
    /// All plans, in the order of the file.
    public let plans: [Plan]
    /// The plan of tenants that nobody put, and of those whose subscription has ended; nil refuses them.
    public let defaultPlan: Plan?
    /// The time zone of days and calendar months.
    public let timeZone: TimeZone
    /// The names of all features, in the order of the file.
    public let features: [String]
    /// What each subscription status means; a status that is missing follows ``StatusRule/standard``.
    public let subscriptionStatus: [SubscriptionStatus: StatusRule]
    /// The dunning steps in ascending order of days.
    public let dunning: [DunningStep]

    private let meterIndexes: [String: Int]
    private let planIndexes: [String: Int]

    /// Makes a catalogue of validated parts. Of two meters or plans with one name the first is found; `defaultPlan` is
    /// a slug, and one that no plan has leaves the catalogue without a default plan.
    public init(
        meters: [Meter], plans: [Plan], defaultPlan: String? = nil, timeZone: TimeZone = .gmt, features: [String] = [],
        subscriptionStatus: [SubscriptionStatus: StatusRule] = [:], dunning: [DunningStep] = []
    ) {
        self.meters = meters
        self.plans = plans
        self.defaultPlan = defaultPlan.flatMap { slug in plans.first { $0.slug == slug } }
        self.timeZone = timeZone
        self.features = features
        self.subscriptionStatus = StatusRule.standard.merging(subscriptionStatus) { _, stated in stated }
        self.dunning = dunning
        meterIndexes = Dictionary(meters.enumerated().map { ($1.name, $0) }) { first, _ in first }
        planIndexes = Dictionary(plans.enumerated().map { ($1.slug, $0) }) { first, _ in first }
    }

    /// The meters whose usage goes to Stripe, in the catalogue's order.
    public var billedMeters: [Meter] { meters.filter { $0.stripe != nil } }

    /// The meter with this name.
    public func meter(_ name: String) -> Meter? {
        meterIndexes[name].map { meters[$0] }
    }

    /// The plan with this slug.
    public func plan(_ slug: String) -> Plan? {
        planIndexes[slug].map { plans[$0] }
    }
}
