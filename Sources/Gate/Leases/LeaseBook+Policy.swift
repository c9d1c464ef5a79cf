internal import Ledger
internal import Metering
internal import Reactor
internal import RedisLink

/// Calls that Redis has not decided in time.
extension LeaseBook {
    /// Redis has not decided in time: each limit's failure policy does.
    func decideByPolicy(_ call: SpendCall) {
        guard !call.isBringingBack else { return call.storeFailed() }
        var isByPolicy = false
        for (index, held) in call.leases.enumerated() where !call.isAlwaysCounted(index) {
            let amount = call.amount(index)
            if !held.terms.isLeaseOff, amount <= held.lease.unspent(now: now) { continue }
            isByPolicy = true
            guard held.isAllowedByPolicy(amount) else { return call.storeFailed() }
        }
        guard !call.leases.contains(where: { $0.entry.state != .ready }) else { return call.storeFailed() }
        guard count(call) else { return }
        guard isByPolicy else { return finish(call, .decided) }
        metrics.add(.decidedByPolicy)
        metrics.add(.degraded)
        call.finish(.allowedByPolicy)
    }

    /// The deadline of a waiting call has passed. It is answered, or goes on waiting for others to give back.
    func deadlinePassed(_ call: SpendCall) {
        let isUndecided = !call.leases.contains { $0.line.isDecided(since: call.since) }
        guard isUndecided || now >= call.recallDeadline(settings) else { return }
        let lines = call.leases
        if isUndecided {
            call.leaveLines()
            decideByPolicy(call)
        }
        for held in lines { serve(held) }
        if !call.isDone {
            // It stands behind one that reads its record, which is no reason to wait longer.
            call.leaveLines()
            call.storeFailed()
        }
    }
}

extension HeldLease {
    /// Whether the failure policy lets a call through that needs units this lease does not have.
    fileprivate func isAllowedByPolicy(_ amount: Int64) -> Bool {
        switch terms.policy {
        case .deny: false
        case .allow: true
        // What this holder has let through in the period, policy or not, stays within its share.
        case .fraction: lease.spent + lease.reserved <= terms.bound / Int64(max(1, holderCount)) - amount
        }
    }
}
