/// Bounds on tenants (`tenants.*`).
public struct TenantsSettings: Sendable, Equatable {
    /// How many tenants that nobody put may have usage stored for them at once.
    public var maxUnknown: Int
}
