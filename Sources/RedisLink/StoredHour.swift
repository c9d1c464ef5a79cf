/// An hour of one tenant and meter that is owed to Stripe, as Redis has it.
public struct StoredHour: Sendable, Hashable {
    /// Which hour it is.
    public struct Key: Sendable, Hashable {
        /// The tenant.
        public let tenant: String
        /// The meter.
        public let meter: String
        /// Hours since 1970, UTC.
        public let hour: Int64

        /// An hour of a tenant and meter.
        public init(tenant: String, meter: String, hour: Int64) {
            self.tenant = tenant
            self.meter = meter
            self.hour = hour
        }

        /// Takes a member of the owed set apart.
        init?(member: String) {
            let parts = member.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, let hour = Int64(parts[0]) else { return nil }
            self.init(tenant: String(parts[2]), meter: String(parts[1]), hour: hour)
        }

        var member: String { KeySpace.owedMember(hour: hour, meter: meter, tenant: tenant) }
    }

    /// Which hour it is.
    public let key: Key
    /// What was counted in it, over all holders.
    public let total: Int64
    /// What Stripe acknowledged last; 0 before the first time.
    public let acknowledged: Int64
    /// Until when a send of it is under way, in microseconds of Redis's clock; nil when none is.
    public let sendingUntil: Int64?

    init(key: Key, day: [String: String]) {
        let hour = KeySpace.hourOfDay(key.hour)
        self.key = key
        // Below zero only while a ledger that Redis forgot is not back; nothing of that kind is sent.
        total = max(0, day.reduce(0) { $1.key.hasPrefix(hour + ":") ? $0 + (Int64($1.value) ?? 0) : $0 })
        acknowledged = day[hour + "=acked"]?.split(separator: " ").first.flatMap { Int64($0) } ?? 0
        sendingUntil = day[hour + "=send"]?.split(separator: " ").last.flatMap { Int64($0) }
    }
}
