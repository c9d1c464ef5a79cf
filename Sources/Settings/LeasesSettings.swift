/// Leases (`lease.*`): what a sidecar may spend without asking Redis.
public struct LeasesSettings: Sendable, Equatable {
    /// Within what time everything that changed is told to Redis.
    public var horizon: Duration
    /// How long a lease is good for, counted from the request that renewed it. At least twice the horizon.
    public var ttl: Duration
    /// How long after a lease's end Redis waits before it gives the unspent rest to others. Less than the TTL.
    public var grace: Duration
    /// How long a call waits at most, in all, while unspent leases elsewhere are recalled for it.
    public var recallDeadline: Duration
    /// How long a reservation runs at most without being renewed (`reservation.max_ttl`).
    public var reservationTTL: Duration
}
