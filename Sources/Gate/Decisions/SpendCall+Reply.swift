internal import Metering
internal import RESP

/// The reply of a call, in the client's protocol version. Written when its turn has come.
extension SpendCall {
    func writeReply(to output: inout OutputBuffer, _ server: GateServer) {
        switch ending {
        case .waiting: break
        case .failed(let text): output.append(errorText: text)
        case .degraded:
            // Nothing is known of when Redis is back; a second is when it is worth asking again.
            write(
                .degraded, isAllowed: false, limit: slots.first?.limit ?? 0, wait: 1000, to: &output, server,
                meter: writeFirstName)
        case .refused(let reason):
            write(
                reason, isAllowed: false, wait: MeterOutcome.neverRetry, to: &output, server, meter: writeFirstName)
        case .decided:
            switch command {
            case .check, .take, .level: writeDecision(to: &output, server)
            case .feature: writeFeatureDecision(to: &output, server)
            case .record: writeCounts(to: &output)
            case .usage: writeUsage(to: &output)
            }
        }
    }

    /// The deciding meter of what has no outcome, or the feature.
    private func writeFirstName(to output: inout OutputBuffer) {
        if let first = request.items.first {
            output.append(chunk: rules.replyNames[first.meter])
        } else {
            output.append(bulkUTF8: request.feature)
        }
    }

    private func writeDecision(to output: inout OutputBuffer, _ server: GateServer) {
        let index = MeterOutcome.deciding(outcomes)
        let outcome = outcomes[index]
        let reason = command == .level ? levelReason(outcome) : outcome.verdict.reason
        let isRefusal = reason.refusalPriority != nil
        // No time cures what the store knows nothing of: a restriction, or a plan without the level.
        let wait = reason == outcome.verdict.reason ? MeterOutcome.retryAfter(outcomes) : MeterOutcome.neverRetry
        write(
            reason, isAllowed: !isRefusal, used: outcome.used, limit: outcome.limit, wait: isRefusal ? wait : 0,
            to: &output, server
        ) { $0.append(chunk: rules.replyNames[request.items[index].meter]) }
    }

    /// A level is stored all the same; its answer still tells what stands against it.
    private func levelReason(_ outcome: MeterOutcome) -> DecisionReason {
        if let refusal = entry.refusal { return refusal }
        return slots.first?.isInPlan == true ? outcome.verdict.reason : .notInPlan
    }

    private func writeFeatureDecision(to output: inout OutputBuffer, _ server: GateServer) {
        let hasFeature = entry.entitlement.hasFeature(request.feature)
        write(
            hasFeature ? .ok : .notInPlan, isAllowed: hasFeature, limit: hasFeature ? 1 : 0,
            wait: hasFeature ? 0 : MeterOutcome.neverRetry, to: &output, server, meter: writeFirstName)
    }

    private func write(
        _ reason: DecisionReason, isAllowed: Bool, used: Int64 = 0, limit: Int64 = 0, wait: Int64,
        to output: inout OutputBuffer, _ server: GateServer, meter: (inout OutputBuffer) -> Void
    ) {
        server.metrics.add(isAllowed ? .allowed : .refused)
        let named = version == .three
        if named { output.appendMapHeader(7, version) } else { output.appendArrayHeader(7) }
        if named { output.append(bulk: "allowed") }
        output.append(integer: isAllowed ? 1 : 0)
        if named { output.append(bulk: "reason") }
        output.append(bulkUTF8: reason.rawValue)
        if named { output.append(bulk: "meter") }
        meter(&output)
        if named { output.append(bulk: "used") }
        output.append(integer: used)
        if named { output.append(bulk: "limit") }
        output.append(integer: limit)
        if named { output.append(bulk: "retry_after_ms") }
        output.append(integer: wait)
        if named { output.append(bulk: "reservation") }
        output.append(bulk: "")
    }

    /// One row a meter: name, counted by this call, used in all, and how much of that is past the limit.
    private func writeCounts(to output: inout OutputBuffer) {
        output.appendArrayHeader(request.items.count)
        for (item, outcome) in zip(request.items, outcomes) {
            output.appendArrayHeader(4)
            output.append(chunk: rules.replyNames[item.meter])
            output.append(integer: item.amount)
            output.append(integer: outcome.used)
            output.append(integer: outcome.limit < 0 ? 0 : max(0, outcome.used - outcome.limit))
        }
    }

    private func writeUsage(to output: inout OutputBuffer) {
        let shown = slots.indices.filter { !request.isOfPlan || slots[$0].isInPlan }
        output.appendArrayHeader(shown.count)
        for index in shown {
            let item = request.items[index]
            let slot = slots[index]
            let used = outcomes[index].used
            output.appendMapHeader(7, version)
            output.append(bulk: "meter")
            output.append(chunk: rules.replyNames[item.meter])
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
