/// A (tenant, meter, hour) whose total differs from what Stripe last acknowledged.
public struct OwedHour: Sendable, Hashable {
    /// The tenant's id.
    public var tenant: String
    /// The meter's name in the catalogue.
    public var meter: String
    /// The UTC hour, in hours since the Unix epoch.
    public var hour: Int64
    /// The hour's whole usage as counted, 0…10^15−1.
    public var total: Int64
    /// The total Stripe last took, in the same units.
    public var acknowledged: Int64

    /// Takes its parts as they are.
    public init(tenant: String, meter: String, hour: Int64, total: Int64, acknowledged: Int64) {
        self.tenant = tenant
        self.meter = meter
        self.hour = hour
        self.total = total
        self.acknowledged = acknowledged
    }

    /// What names the hour, whatever its totals are.
    public var key: HourKey { HourKey(tenant: tenant, meter: meter, hour: hour) }
}
