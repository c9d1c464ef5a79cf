internal import Metering
internal import Reactor
internal import RedisLink

extension TenantEntry {
    /// Remembers that a call was refused, in place of the one before. No more than some stores: a flood of refusals
    /// costs no memory.
    func noteRefusal(
        _ decision: Decision, _ command: SpendCall.Command, _ item: SpendCall.Item, _ server: GateServer,
        _ rules: GateRules, by source: RefusalReading.Source
    ) {
        lastRefusal = RefusalReading(
            instant: server.redis.clock.time(at: server.loop.now), command: command.name,
            meter: rules.catalogue.meters[item.meter].name, amount: item.amount, reason: decision.reason,
            used: decision.used, limit: decision.limit, retryAfterMilliseconds: decision.retryAfter, source: source)
    }
}

extension SpendCall {
    /// Has the tenant's entry remember a refusal that is about to be told.
    func noteRefusal(_ decision: Decision, ofItem index: Int) {
        // A feature is no meter, and a level is stored whatever is said of it.
        guard !decision.isAllowed, command == .take || command == .check || command == .reserve,
            request.items.indices.contains(index)
        else { return }
        entry.noteRefusal(decision, command, request.items[index], server, rules, by: refusedBy)
    }

    private var refusedBy: RefusalReading.Source {
        switch ending {
        case .degraded: .policy
        case .refused: .record
        default: slots.isEmpty && leases.isEmpty ? .lease : .redis
        }
    }
}
