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
                Decision(.degraded, isAllowed: false, limit: limit, retryAfter: 1000), ofItem: nil, to: &output, server)
        case .allowedByPolicy:
            let index = MeterOutcome.deciding(outcomes)
            let decision = Decision(
                .degraded, isAllowed: true, used: outcomes[index].used, limit: outcomes[index].limit)
            write(decision, ofItem: index, to: &output, server)
        case .refused(let reason):
            let decision = Decision(reason, isAllowed: false, retryAfter: MeterOutcome.neverRetry)
            write(decision, ofItem: nil, to: &output, server)
        case .decided:
            switch command {
            case .check, .take, .level, .reserve: writeDecision(to: &output, server)
            case .commit, .release, .extend: break
            case .feature: writeFeatureDecision(to: &output, server)
            case .record: output.append(countsOf: request.items, outcomes, rules)
            case .refund: output.append(countsOf: givenBack, outcomes, rules)
            case .usage: writeUsage(to: &output)
            case .explain: writeExplanation(to: &output, server)
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
        write(decision, ofItem: index, to: &output, server)
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
        write(decision, ofItem: nil, to: &output, server)
    }

    /// - Parameter item: the deciding one; nil for what is about the whole call.
    private func write(
        _ decision: Decision, ofItem item: Int?, to output: inout OutputBuffer, _ server: GateServer
    ) {
        let name = item.map { rules.replyNames[request.items[$0].meter] } ?? firstName
        noteRefusal(decision, ofItem: item ?? 0)
        server.metrics.add(decision.isAllowed ? .allowed : .refused)
        guard reservation > 0, decision.isAllowed else { return output.append(decision, of: name, version) }
        output.append(decision, of: name, version, reservation: server.book.reservations.ids.write(reservation))
    }
}
