internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// A tenant's record or the catalogue is another: the leases in hand follow.
extension LeaseBook {
    /// Gives the leases of a tenant the places and terms that their meters have now, and has the calls that wait at
    /// them decided anew.
    func followTerms(of entry: TenantEntry) {
        entry.areLeasesBehind = false
        let rules = server.rules
        let old = entry.leases.compactMap { $0 }
        entry.setLeases(Array(repeating: nil, count: rules.catalogue.meters.count))
        followRates(of: entry)
        var interrupted: [SpendCall] = []
        for held in old {
            for call in held.waiting.values where !interrupted.contains(where: { $0 === call }) {
                interrupted.append(call)
            }
            let name = held.meterName
            if let meter = rules.meterIndex(name.span), renew(held, meter) {
                entry.setLease(held, meter)
            } else {
                retire(held)
            }
        }
        interrupted.sort { $0.token < $1.token }
        for call in interrupted { call.leaveLines() }
        for call in interrupted where !call.isDone { server.directory.dispatch(call) }
    }

    /// Takes over what the plan says now. False if the tenant's period is another, so that this lease is over.
    private func renew(_ held: HeldLease, _ meter: Int) -> Bool {
        let terms = terms(held.entry, meter, at: server.redisSecond)
        guard server.rules.isLeased[meter], terms.period.start == held.key.period else { return false }
        let bound = held.terms.leaseBound
        held.follow(terms, tails.tail(terms.limit))
        held.hourEnd = terms.isConcurrency ? .max : min(terms.period.end, (held.hour + 1) * 3600)
        held.forgetRefusal()
        // By another limit the same total may be past another threshold.
        server.alerts.hear(held.lease.used, of: held)
        // What was granted by another limit is not spent by this one.
        if held.terms.leaseBound != bound, held.lease.hasRest {
            giveBack(held)
            syncs.list(held, isUrgent: true)
        }
        activate(held)
        return true
    }
}
