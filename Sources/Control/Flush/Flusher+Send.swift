import Billing
import Logging
import RedisLink
import StripeAPI

extension Flusher {
    /// Sends one tenant's hours, the oldest first. It ends at the first that is to be tried later: the others would
    /// most likely meet the same, and each could take a whole deadline.
    func run(_ lane: [SendOrder]) async -> LaneResult {
        var result = LaneResult()
        var isLeft = false
        for order in lane {
            let key = order.hour.key
            guard !isLeft, !isStopping, !Task.isCancelled else {
                result.tally.append(.notSent(key, backoff.hold(on: key, now: context.now()) ?? .owed))
                continue
            }
            if let state = backoff.hold(on: key, now: context.now()) {
                result.tally.append(.notSent(key, state))
                continue
            }
            do throws(StoreError) {
                let entry = try await send(order)
                result.tally.append(entry)
                if case .failed(_, _, .backingOff) = entry { isLeft = true }
            } catch {
                result.failure = error
                return result
            }
        }
        return result
    }

    /// Marks an hour, sends its total, and records what came of it.
    private func send(_ order: SendOrder) async throws(StoreError) -> LaneEntry {
        let key = StoredHour.Key(tenant: order.hour.tenant, meter: order.hour.meter, hour: order.hour.hour)
        let attempt = EventIdentifier.make(using: &random)
        let permit = try await context.store.beginSend(
            key, attempt: attempt, milliseconds: configuration.sendMark.milliseconds)
        switch permit {
        case .underWay: return .notSent(order.hour.key, .sending)
        case .settled: return .settled
        case .send(let total):
            let outcome = await call(order, total: total, attempt: attempt)
            let decision = backoff.note(
                outcome, of: order.hour.key, earlierUnknown: order.earlierUnknown, now: context.now(),
                random: Double.random(in: 0...1, using: &random))
            log(decision, order)
            if case .retry = decision.verdict, backoff.wholeHold(now: context.now()) != nil {
                lastOutage = decision.reason
            }
            if decision.verdict == .settled {
                let isOurs = try await context.store.acknowledge(key, attempt: attempt, total: total)
                // A mark that ran out meanwhile belongs to somebody else's attempt, which settles the hour.
                return isOurs
                    ? .acknowledged(units: total - order.hour.acknowledged)
                    : .failed(order.hour.key, "Stripe's yes came after the send had run out", .sending)
            }
            if !decision.isOutcomeUnknown {
                try await context.store.abandonSend(key, attempt: attempt)
            } else if case .answered = outcome {
                try await context.store.leaveUnknown(key, attempt: attempt)
            }
            // Without an answer the request may still arrive: past the mark's deadline the hour is sent once more.
            let state = backoff.hold(on: order.hour.key, now: context.now()) ?? .owed
            return .failed(order.hour.key, decision.reason, state)
        }
    }

    private func call(_ order: SendOrder, total: Int64, attempt: String) async -> StripeOutcome {
        guard let stripe = context.stripe else { return .notSent("no Stripe key") }
        do {
            let event = MeterEventRequest(
                eventName: order.eventName, customer: order.customer, timestamp: order.timestamp, identifier: attempt,
                payload: order.payload(total: total))
            _ = try await stripe.createMeterEvent(event, idempotencyKey: attempt)
            return .accepted
        } catch {
            return StripeOutcome(error)
        }
    }

    /// A refusal needs an operator; a halt is said once by the round; the rest passes by itself.
    private func log(_ decision: RetryDecision, _ order: SendOrder) {
        let metadata: Logger.Metadata = [
            "tenant": "\(order.hour.tenant)", "meter": "\(order.hour.meter)",
            "hour": "\(InstantText.text(hour: order.hour.hour))", "reason": "\(decision.reason)",
        ]
        switch decision.verdict {
        case .settled, .halt: break
        case .refused: context.logger.warning("Stripe refused an hour: it stays owed", metadata: metadata)
        case .retry: context.logger.debug("An hour will be sent again", metadata: metadata)
        }
    }
}

extension Duration {
    /// Rounded down.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
