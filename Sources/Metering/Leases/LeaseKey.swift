/// What a lease is for: a new period is another lease, and so is another holder's.
public struct LeaseKey: Sendable, Hashable {
    /// Whose usage it is.
    public let tenant: String
    /// What is counted.
    public let meter: String
    /// The start of the billing period, in unix seconds.
    public let period: Int64

    /// The key of a lease.
    public init(tenant: String, meter: String, period: Int64) {
        self.tenant = tenant
        self.meter = meter
        self.period = period
    }
}
