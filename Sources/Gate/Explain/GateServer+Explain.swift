internal import Metering
internal import Reactor
internal import RedisLink

extension GateServer {
    /// What this gate knows of a tenant now, without asking anybody. A tenant has a handful of leases.
    func reading(of tenant: String) -> TenantReading {
        guard let entry = directory.known(tenant) else { return emptyReading(of: tenant, version: nil) }
        return reading(of: entry)
    }

    func reading(of entry: TenantEntry) -> TenantReading {
        var reading = emptyReading(of: entry.name, version: entry.state == .ready ? entry.versionText : nil)
        let now = loop.now
        for case .some(let held) in entry.leases {
            reading.leases.append(
                TenantReading.Lease(
                    reading: held.reading(now: now), granted: held.lease.granted, returned: held.lease.returned,
                    spent: held.lease.spent, reserved: held.lease.reserved, lastsFor: max(0, held.lease.expires - now),
                    reservedFor: held.lease.reserved > 0 ? max(0, held.lease.reservedUntil - now) : 0))
        }
        for case .some(let rate) in entry.rates where rate.hand.outstanding(now: now) > 0 {
            reading.rates.append(
                TenantReading.Rate(
                    meter: String(decoding: rate.meterName, as: UTF8.self), cells: rate.hand.outstanding(now: now)))
        }
        reading.lastRefusal = entry.lastRefusal
        return reading
    }

    private func emptyReading(of tenant: String, version: String?) -> TenantReading {
        let partition = rules.configuration.keys.partition(of: tenant)
        var reading = TenantReading(
            holder: holder, version: version, isStoreConnected: redis.isReady,
            isLearning: book.partitions.isLearning(partition))
        reading.leaseLength = book.settings.ttl + book.settings.grace
        return reading
    }
}
