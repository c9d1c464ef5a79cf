/// What one round of sending did. Its JSON is the answer of `POST /v1/billing/flush`.
public struct FlushReport: Sendable, Equatable, Codable {
    /// One hour, as an example.
    public struct Hour: Sendable, Equatable, Codable {
        /// The tenant's id.
        public var tenant: String
        /// The meter's name.
        public var meter: String
        /// The hour's first second, RFC 3339.
        public var hour: String
        /// Why it waits, or what Stripe said.
        public var detail: String
    }

    /// Hours that were left, by why.
    public struct Waiting: Sendable, Equatable, Codable {
        /// `OwedState.name`.
        public var state: String
        /// How many.
        public var count: Int
        /// The first few.
        public var examples: [Hour]
    }

    /// Calls to Stripe that were made.
    public var sent = 0
    /// Hours whose total Stripe took.
    public var acknowledged = 0
    /// By how much those totals are above what Stripe had taken before.
    public var units: Int64 = 0
    /// Calls that did not end with a yes.
    public var failed = 0
    /// The first few of them, with Stripe's message.
    public var failures: [Hour] = []
    /// Hours that were not sent, or not taken, by why.
    public var waiting: [Waiting] = []
    /// Hours owed at the end of the round, over all tenants.
    public var owed = 0
    /// Why the round ended early; nil if it did not.
    public var stopped: String?
}
