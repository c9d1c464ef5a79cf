internal import Metering
internal import RESP

/// The reply of a call, in the client's protocol version. Written when its turn has come.
extension SpendCall {
    func writeReply(to output: inout OutputBuffer, _ server: GateServer) {
        switch ending {
        case .waiting: break
        case .failed(let text): output.append(errorText: text)
        case .degraded: write(degraded(server), to: &output, server)
        case .refused(let reason):
            write(.refused(reason, meter: firstName(server)), to: &output, server)
        case .decided:
            switch command {
            case .check, .take, .level: write(decision(server), to: &output, server)
            case .feature: write(featureDecision(), to: &output, server)
            case .record: writeCounts(to: &output, server)
            case .usage: writeUsage(to: &output, server)
            }
        }
    }

    private func firstName(_ server: GateServer) -> String {
        items.first.map { rules.catalogue.meters[$0.meter].name } ?? feature
    }

    private func decision(_ server: GateServer) -> Decision {
        let index = MeterOutcome.deciding(outcomes)
        let outcome = outcomes[index]
        let reason = command == .level ? levelReason(outcome, server) : outcome.verdict.reason
        let isRefusal = reason.refusalPriority != nil
        // No time cures what the store knows nothing of: a restriction, or a plan without the level.
        let wait = reason == outcome.verdict.reason ? MeterOutcome.retryAfter(outcomes) : Decision.neverRetry
        return Decision(
            allowed: !isRefusal, reason: reason, meter: rules.catalogue.meters[items[index].meter].name,
            used: outcome.used, limit: outcome.limit,
            retryAfterMilliseconds: isRefusal ? wait : 0)
    }

    /// A level is stored all the same; its answer still tells what stands against it.
    private func levelReason(_ outcome: MeterOutcome, _ server: GateServer) -> DecisionReason {
        if let refusal = entry.entitlement.access.refusal { return refusal }
        return slots.first?.isInPlan == true ? outcome.verdict.reason : .notInPlan
    }

    private func featureDecision() -> Decision {
        entry.entitlement.hasFeature(feature)
            ? Decision(allowed: true, reason: .ok, meter: feature, limit: 1) : .refused(.notInPlan, meter: feature)
    }

    /// Nothing is known of when Redis is back; a second is when it is worth asking again.
    private func degraded(_ server: GateServer) -> Decision {
        Decision(
            allowed: false, reason: .degraded, meter: firstName(server), limit: slots.first?.limit ?? 0,
            retryAfterMilliseconds: 1000)
    }

    private func write(_ decision: Decision, to output: inout OutputBuffer, _ server: GateServer) {
        server.metrics.add(decision.allowed ? .allowed : .refused)
        let named = version == .three
        if named { output.appendMapHeader(7, version) } else { output.appendArrayHeader(7) }
        if named { output.append(bulk: "allowed") }
        output.append(integer: decision.allowed ? 1 : 0)
        if named { output.append(bulk: "reason") }
        output.append(bulkUTF8: decision.reason.rawValue)
        if named { output.append(bulk: "meter") }
        output.append(bulkUTF8: decision.meter)
        if named { output.append(bulk: "used") }
        output.append(integer: decision.used)
        if named { output.append(bulk: "limit") }
        output.append(integer: decision.limit)
        if named { output.append(bulk: "retry_after_ms") }
        output.append(integer: decision.retryAfterMilliseconds)
        if named { output.append(bulk: "reservation") }
        output.append(bulkUTF8: decision.reservation)
    }

    /// One row a meter: name, counted by this call, used in all, and how much of that is past the limit.
    private func writeCounts(to output: inout OutputBuffer, _ server: GateServer) {
        output.appendArrayHeader(items.count)
        for (item, outcome) in zip(items, outcomes) {
            output.appendArrayHeader(4)
            output.append(bulkUTF8: rules.catalogue.meters[item.meter].name)
            output.append(integer: item.amount)
            output.append(integer: outcome.used)
            output.append(integer: outcome.limit < 0 ? 0 : max(0, outcome.used - outcome.limit))
        }
    }

    private func writeUsage(to output: inout OutputBuffer, _ server: GateServer) {
        let shown = slots.indices.filter { !isOfPlan || slots[$0].isInPlan }
        output.appendArrayHeader(shown.count)
        for index in shown {
            let item = items[index]
            let slot = slots[index]
            let used = outcomes[index].used
            output.appendMapHeader(7, version)
            output.append(bulk: "meter")
            output.append(bulkUTF8: rules.catalogue.meters[item.meter].name)
            output.append(bulk: "kind")
            output.append(bulkUTF8: slot.kind.rawValue)
            output.append(bulk: "used")
            output.append(integer: used)
            output.append(bulk: "limit")
            output.append(integer: slot.limit)
            output.append(bulk: "percent")
            // Nothing is a share of no limit; of a limit of 0, anything is all of it.
            if slot.limit < 0 {
                output.appendNull(version)
            } else {
                let percent = slot.limit == 0 ? (used > 0 ? 100 : 0) : Double(used) * 100 / Double(slot.limit)
                output.append(integer: Int64(percent))
            }
            output.append(bulk: "period_start")
            writeInstant(slot.period?.start, to: &output)
            output.append(bulk: "period_end")
            writeInstant(slot.period?.end, to: &output)
        }
    }

    /// Unix seconds; null for meters without a period.
    private func writeInstant(_ second: Int64?, to output: inout OutputBuffer) {
        if let second { output.append(integer: second) } else { output.appendNull(version) }
    }
}
