/// The names of all keys in Redis. `docs/redis-keys.md` states each key's type and lifetime.
///
/// Every key of a tenant carries its partition as hash tag, so that one script may touch all of them on a cluster too.
/// The tenant stands last, because an id may hold any of the separators before it.
public struct KeySpace: Sendable, Equatable {
    /// What all keys begin with.
    public let prefix: String
    /// How many partitions there are; stored on first use and never changed.
    public let partitions: Int

    /// A key space; `partitions` is 1 … 4096.
    public init(prefix: String, partitions: Int) {
        self.prefix = prefix
        self.partitions = partitions
    }

    /// The partition of a tenant: 64-bit FNV-1a of its bytes, folded, modulo the number of partitions. Part of the
    /// stored format: it can never change.
    public func partition(of tenant: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in tenant.indices {
            hash ^= UInt64(tenant[index])
            hash = hash &* 0x100_0000_01b3
        }
        // FNV's low bits mix worst; the fold lets the high ones take part.
        return Int((hash ^ (hash >> 32)) % UInt64(partitions))
    }

    /// The partition of a tenant.
    public func partition(of tenant: String) -> Int { partition(of: tenant.utf8Span.span) }

    /// What the keys of a partition begin with, such as `tg:{p007}:`.
    public func tag(_ partition: Int) -> String {
        let digits = String(partition)
        return "\(prefix){p\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits)}:"
    }

    /// The facts that every tollgate sharing this Redis must agree on.
    var meta: String { "\(prefix)meta" }

    /// The version of all tenant records together: that of the one written last. While it stands, none has changed.
    public var records: String { "\(prefix)records" }

    /// The index of the tenants of a partition.
    public func tenants(_ partition: Int) -> String { tag(partition) + "tenants" }

    /// The tenants without a record that have used something.
    public func strangers(_ partition: Int) -> String { tag(partition) + "strangers" }

    /// The tenants that have grants, by when somebody has to settle something of them.
    public func grants(_ partition: Int) -> String { self[partition].grants }

    /// The hours owed to Stripe.
    public func owed(_ partition: Int) -> String { self[partition].owed }

    /// Who sends what the partition owes.
    public func claim(_ partition: Int) -> String { self[partition].claim }

    /// Which life of Redis the partition is in, and whether it still learns.
    public func life(_ partition: Int) -> String { self[partition].life }

    /// What was changed or noticed of the partition's tenants, by whom and why.
    public func audit(_ partition: Int) -> String { self[partition].audit }

    /// Notices that have not been delivered yet.
    public func notices(_ partition: Int) -> String { self[partition].notices }

    /// Who delivers notices.
    var notifier: String { "\(prefix)notifier" }

    /// The daemons that send to Stripe and are alive.
    var flushers: String { "\(prefix)flushers" }

    /// The daily comparison with Stripe: who makes it, and the last report.
    var reconcile: String { "\(prefix)reconcile" }

    /// The channel on which the partition's holders hear that somebody waits. A channel lives on no shard.
    public func recalls(_ partition: Int) -> String { self[partition].recalls }

    /// The channels of all partitions' recalls, as a pattern.
    public var anyRecalls: String { "\(prefix){p*}:recalls" }

    /// The channel on which a tenant is named whose record was written or removed.
    public var changes: String { records }

    /// A tenant's record.
    public func tenant(_ id: String) -> String { self[partition(of: id)].tenant(id) }

    /// What a tenant used of a counter in the period that starts at `period` (unix seconds).
    public func usage(_ tenant: String, _ meter: String, period: Int64) -> String {
        self[partition(of: tenant)].usage(tenant, meter, period: period)
    }

    /// The totals of each hour of a UTC day (days since 1970), holder by holder, and what Stripe acknowledged.
    public func day(_ tenant: String, _ meter: String, day: Int64) -> String {
        self[partition(of: tenant)].day(tenant, meter, day: day)
    }

    /// The arrival time of a rate.
    public func rate(_ tenant: String, _ meter: String) -> String {
        "\(tag(partition(of: tenant)))r:\(meter):\(tenant)"
    }

    /// A level.
    public func level(_ tenant: String, _ meter: String) -> String {
        self[partition(of: tenant)].level(tenant, meter)
    }

    /// The first answer to an idempotency key. A tenant id has no slash, so two tenants' keys never meet.
    public func answer(_ tenant: String, key: String) -> String {
        "\(tag(partition(of: tenant)))i:\(tenant)/\(key)"
    }

    /// The names of a partition, for whoever needs many of them.
    public subscript(partition: Int) -> PartitionKeys { PartitionKeys(tag: tag(partition)) }

    /// What a key made by ``usage(_:_:period:)`` names; nil for any other.
    public func usageName(_ key: String) -> (tenant: String, meter: String, period: Int64)? {
        guard let tagEnd = key.firstIndex(of: "}") else { return nil }
        let parts = key[key.index(after: tagEnd)...].split(
            separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == "u", let period = Int64(parts[3]) else { return nil }
        return (String(parts[4]), String(parts[2]), period)
    }

    /// A member of the owed set: sorts by hour, and is taken apart by `OwedHour`.
    public static func owedMember(hour: Int64, meter: String, tenant: String) -> String {
        let digits = String(hour)
        return "\(String(repeating: "0", count: max(0, 7 - digits.count)))\(digits) \(meter) \(tenant)"
    }

    /// The hour of the day as the totals name it: two digits.
    public static func hourOfDay(_ hour: Int64) -> String {
        hour % 24 < 10 ? "0\(hour % 24)" : String(hour % 24)
    }
}
