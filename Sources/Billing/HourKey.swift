/// Names one hour of one meter of one tenant. Orders by age, then by tenant and meter.
public struct HourKey: Sendable, Hashable, Comparable {
    /// The tenant's id.
    public let tenant: String
    /// The meter's name in the catalogue.
    public let meter: String
    /// In hours since the Unix epoch.
    public let hour: Int64

    /// Takes its parts as they are.
    public init(tenant: String, meter: String, hour: Int64) {
        self.tenant = tenant
        self.meter = meter
        self.hour = hour
    }

    /// The older hour first.
    public static func < (left: HourKey, right: HourKey) -> Bool {
        (left.hour, left.tenant, left.meter) < (right.hour, right.tenant, right.meter)
    }
}
