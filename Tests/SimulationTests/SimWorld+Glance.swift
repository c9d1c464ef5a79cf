@testable import Metering

extension SimWorld {
    /// Where things stand in the current period, in a line, for those who follow a failing history.
    var glance: String {
        let usage = store.usages[key(period)]
        let rows = (usage?.rows ?? [:]).sorted { $0.key < $1.key }.map { name, row in
            "\(name)=\(row.granted)/\(row.returned)/\(row.spent)/\(row.reserved)"
        }
        let leases = holders.map { holder in
            let lease = holder.leases[period] ?? Lease()
            let left = lease.expires - time(holder)
            return "\(holder.name)=\(lease.granted)/\(lease.returned)/\(lease.spent)/\(lease.reserved)"
                + (holder.works ? "" : "!") + (left > 0 ? "+\(left / 1000)" : "")
        }
        let learns = (store.life?.until ?? 0) - redisNow
        return "t=\(now / 1000) p\(period) admitted \(admitted[period] ?? 0) cap \(caps[period] ?? -1)"
            + " allowed \(allowed[period] ?? 0) used \(usage?.used ?? 0) redis [\(rows.joined(separator: " "))]"
            + " holders [\(leases.joined(separator: " "))] run \(run)" + (learns > 0 ? " learning" : "")
            + " limit \(limits[store.versions[Self.tenant] ?? ""] ?? 0) net \(network.count)"
    }
}
