/// What a tenant may have: limits by meter, features, and what a pricing page shows.
public struct Plan: Sendable, Equatable {
    /// The name in the catalogue and in tenant records.
    public var slug: String
    /// The name for people.
    public var name: String
    /// One line for a pricing page, may be empty.
    public var description: String
    /// The points a pricing page lists, in order.
    public var bullets: [String]
    /// A mark such as "Most Popular", if any.
    public var highlight: String?
    /// False for a plan that is not offered.
    public var isPublic: Bool
    /// The place on a pricing page, ascending.
    public var order: Int
    /// Stripe price ids by interval: `monthly`, `yearly`.
    public var prices: [String: String]
    /// The boolean entitlements of this plan.
    public var features: Set<String>
    /// Limits by meter name. A meter that is missing here is not in the plan.
    public var limits: [String: Limit]

    /// Takes its parts as they are; Settings validates what a catalogue says.
    public init(
        slug: String, name: String, description: String = "", bullets: [String] = [], highlight: String? = nil,
        isPublic: Bool = true, order: Int = 0, prices: [String: String] = [:], features: Set<String> = [],
        limits: [String: Limit] = [:]
    ) {
        self.slug = slug
        self.name = name
        self.description = description
        self.bullets = bullets
        self.highlight = highlight
        self.isPublic = isPublic
        self.order = order
        self.prices = prices
        self.features = features
        self.limits = limits
    }
}
