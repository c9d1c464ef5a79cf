internal import Metering
internal import RESP

/// The reply of a call, in the client's protocol version. Written when its turn has come.
extension SpendCall {
    func writeReply(to output: inout OutputBuffer, _ server: GateServer) {
        switch ending {
        case .waiting: break
        case .failed(let text): output.append(errorText: text)
        case .replied(let reply): output.append(chunk: reply)
        case .degraded:
            // Nothing is known of when Redis is back; a second is when it is worth asking again.
            let limit = slots.first?.limit ?? leases.first?.terms.limit ?? 0
            write(
                Decision(.degraded, isAllowed: false, limit: limit, retryAfter: 1000), of: firstName, to: &output,
                server)
        case .allowedByPolicy:
            let index = MeterOutcome.deciding(outcomes)
            let decision = Decision(
                .degraded, isAllowed: true, used: outcomes[index].used, limit: outcomes[index].limit)
            write(decision, of: rules.replyNames[request.items[index].meter], to: &output, server)
        case .refused(let reason):
            let decision = Decision(reason, isAllowed: false, retryAfter: MeterOutcome.neverRetry)
            write(decision, of: firstName, to: &output, server)
        case .decided:
            switch command {
            case .check, .take, .level, .reserve: writeDecision(to: &output, server)
            case .commit, .release, .extend: break
            case .feature: writeFeatureDecision(to: &output, server)
            case .record: output.append(countsOf: request.items, outcomes, rules)
            case .refund: output.append(countsOf: givenBack, outcomes, rules)
            case .usage: writeUsage(to: &output)
            }
        }
    }

    /// The deciding meter of what has no outcome, or the feature.
    private var firstName: OutputBuffer {
        if let first = request.items.first { return rules.replyNames[first.meter] }
        var name = OutputBuffer()
        name.append(bulkUTF8: request.feature)
        return name
    }

    private func writeDecision(to output: inout OutputBuffer, _ server: GateServer) {
        let index = MeterOutcome.deciding(outcomes)
        let outcome = outcomes[index]
        var decision = Decision(outcome, of: outcomes)
        let reason = command == .level ? levelReason(outcome) : decision.reason
        if reason != decision.reason {
            // No time cures what the store knows nothing of: a restriction, or a plan without the level.
            decision.reason = reason
            decision.isAllowed = reason.refusalPriority == nil
            decision.retryAfter = decision.isAllowed ? 0 : MeterOutcome.neverRetry
        }
        write(decision, of: rules.replyNames[request.items[index].meter], to: &output, server)
    }

    /// A level is stored all the same; its answer still tells what stands against it.
    private func levelReason(_ outcome: MeterOutcome) -> DecisionReason {
        if let refusal = entry.refusal { return refusal }
        return slots.first?.isInPlan == true ? outcome.verdict.reason : .notInPlan
    }

    private func writeFeatureDecision(to output: inout OutputBuffer, _ server: GateServer) {
        let hasFeature = entry.entitlement.hasFeature(request.feature)
        let decision = Decision(
            hasFeature ? .ok : .notInPlan, isAllowed: hasFeature, limit: hasFeature ? 1 : 0,
            retryAfter: hasFeature ? 0 : MeterOutcome.neverRetry)
        write(decision, of: firstName, to: &output, server)
    }

    private func write(
        _ decision: Decision, of name: OutputBuffer, to output: inout OutputBuffer, _ server: GateServer
    ) {
        server.metrics.add(decision.isAllowed ? .allowed : .refused)
        guard reservation > 0, decision.isAllowed else { return output.append(decision, of: name, version) }
        output.append(decision, of: name, version, reservation: server.book.reservations.ids.write(reservation))
    }

    private func writeUsage(to output: inout OutputBuffer) {
        let shown = slots.indices.filter { !request.isOfPlan || slots[$0].isInPlan }
        output.appendArrayHeader(shown.count)
        for index in shown {
            let item = request.items[index]
            let slot = slots[index]
            let used = outcomes[index].used
            output.appendMapHeader(8, version)
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
            // When Redis said so; what this holder has spent since is in it all the same.
            output.append(bulk: "as_of")
            output.append(integer: decidedAt / 1000)
        }
    }

    /// Unix seconds; null for meters without a period.
    private func writeInstant(_ second: Int64?, to output: inout OutputBuffer) {
        if let second { output.append(integer: second) } else { output.appendNull(version) }
    }
}
