import Billing
import Logging
import Metering
import RedisLink
import StripeAPI

extension Flusher {
    /// Sends one tenant's hours, the oldest first. It ends at the first that is to be tried later: the others would
    /// most likely meet the same, and each could take a whole deadline.
    func run(_ lane: [SendOrder]) async -> LaneResult {
        var result = LaneResult()
        for order in lane {
            let key = order.hour.key
            guard result.left == nil, !isStopping, !Task.isCancelled else {
                result.tally.append(.notSent(key, backoff.hold(on: key, now: context.now()) ?? .owed))
                continue
            }
            if let state = backoff.hold(on: key, now: context.now()) {
                result.tally.append(.notSent(key, state))
                continue
            }
            do throws(StoreError) {
                var entry = try await send(order)
                // What was compared may still be owed.
                if case .settled = entry { entry = try await send(order) }
                result.tally.append(entry)
                if case .failed(_, _, .backingOff) = entry { result.left = order.hour.tenant }
            } catch {
                result.failure = error
                return result
            }
        }
        return result
    }

    /// Marks an hour, sends it, and records what came of it.
    func send(_ order: SendOrder) async throws(StoreError) -> LaneEntry {
        let key = order.hour.key
        if wasCreditJustNow(key) { return .notSent(key, .credit) }
        credits[key] = nil
        switch try await begin([order]).first {
        case .sending(let sending): return try await finish(sending, await deliver(sending))
        case .compare(let sending): return try await compare(sending)
        case .credit(let order): return try await lend(order)
        case .ended(let entry): return entry
        case nil: return .notSent(key, .elsewhere)
        }
    }

    /// What came of beginning a send.
    enum Begun {
        case sending(Sending)
        case compare(Sending)
        case credit(SendOrder)
        case ended(LaneEntry)
    }

    /// The partitions that this daemon may begin to send for now.
    var claimed: [Int: ClaimToken] { claims?.held() ?? [:] }

    /// Marks hours of one partition as being sent, but those of periods whose books have closed since they were judged.
    func begin(_ orders: [SendOrder]) async throws(StoreError) -> [Begun] {
        let now = context.now()
        var begun: [Begun] = []
        var open: [SendOrder] = []
        for order in orders {
            if let closing = order.closing, closing * 1000 <= now {
                begun.append(.ended(.notSent(order.hour.key, .late(until: now))))
            } else {
                open.append(order)
            }
        }
        for start in stride(from: 0, to: open.count, by: RedisStore.sendsPerScript) {
            begun += try await mark(Array(open[start..<min(start + RedisStore.sendsPerScript, open.count)]))
        }
        return begun
    }

    private func mark(_ orders: [SendOrder]) async throws(StoreError) -> [Begun] {
        guard let tenant = orders.first?.hour.tenant else { return [] }
        let begunAt = ContinuousClock.now
        let partition = context.store.keys.partition(of: tenant)
        guard let claim = claimed[partition] else {
            return orders.map { .ended(.notSent($0.hour.key, .elsewhere)) }
        }
        let requests = orders.map {
            SendRequest(
                key: $0.key,
                attempt: EventIdentifier.make(partition: partition, hour: $0.hour.hour, using: &random),
                form: $0.form, destination: $0.destinationText)
        }
        let answer = try await context.store.beginSends(
            partition: partition, claim: claim.token, requests, times: sendTimes)
        guard let answer else {
            await claims?.lost(claim)
            return orders.map { .ended(.notSent($0.hour.key, .elsewhere)) }
        }
        return zip(zip(orders, requests), answer.permits).map { pair, permit in
            let (order, request) = pair
            func sending(
                _ amount: Int64, of total: Int64, as identifier: String, after acknowledged: Int64,
                isUnsettled: Bool = false, isCredit: Bool = false
            ) -> Sending {
                Sending(
                    order: order, partition: partition, life: answer.life, attempt: request.attempt,
                    identifier: identifier, amount: amount, total: total, acknowledged: acknowledged,
                    isUnsettled: isUnsettled, isCredit: isCredit, begunAt: begunAt)
            }
            switch permit {
            case .send(let total, let isUnsettled, let acknowledged, let isCredit):
                return .sending(
                    sending(
                        total, of: total, as: request.attempt, after: acknowledged, isUnsettled: isUnsettled,
                        isCredit: isCredit))
            case .sendRange(let from, let to, let identifier):
                return .sending(sending(to - from, of: to, as: identifier, after: from))
            case .compare: return .compare(sending(0, of: 0, as: "", after: 0))
            case .underWay: return .ended(.notSent(order.hour.key, order.form == .range ? .comparing : .sending))
            case .settled: return .ended(.settled)
            case .late: return .ended(.notSent(order.hour.key, .late(until: context.now())))
            case .dead: return .ended(.notSent(order.hour.key, .dead))
            case .credit: return .credit(order)
            }
        }
    }

    private func deliver(_ sending: Sending) async -> StripeOutcome {
        guard let stripe = context.stripe else { return .notSent("no Stripe key") }
        guard isInTime(sending) else { return .heldBack("this process was held up") }
        do throws(StripeError) {
            if let event = sending.event {
                switch configuration.meterEventsRoute {
                case .v1: _ = try await stripe.createMeterEvent(event, idempotencyKey: sending.attempt)
                case .v2: _ = try await stripe.createMeterEventV2(event, idempotencyKey: sending.attempt)
                }
            } else if case .item(let item) = sending.order.destination {
                _ = try await stripe.createUsageRecord(
                    item: item, quantity: sending.amount, timestamp: sending.order.timestamp,
                    idempotencyKey: sending.attempt)
            }
            return .accepted
        } catch {
            return StripeOutcome(error)
        }
    }

    /// Whether a send is over before its mark, however long it takes from now.
    func isInTime(_ sending: Sending) -> Bool { .now - sending.begunAt < configuration.sendSlack }

    /// Decides what follows an attempt, and records it.
    private func finish(_ sending: Sending, _ outcome: StripeOutcome) async throws(StoreError) -> LaneEntry {
        let (entry, result) = try await conclude(sending, outcome)
        guard let result else { return entry }
        let isOurs = try await context.store.endSends(
            partition: sending.partition, life: sending.life, [result]
        ).first
        // A mark that ran out meanwhile belongs to somebody else's attempt, which settles the hour.
        guard case .acknowledged = entry else { return entry }
        if isOurs != true { return try await reopen(sending) }
        // Now others can carry the credit.
        if sending.isCredit { wake() }
        return entry
    }

    /// Stripe took what was sent after its mark had run out, as when this process was frozen: perhaps behind a newer
    /// total, which it then replaced. So the hour is sent once more.
    func reopen(_ sending: Sending) async throws(StoreError) -> LaneEntry {
        if sending.order.form == .total {
            _ = try await context.store.reopen(sending.order.key, form: .total, lag: sendTimes.summaryLag)
        }
        return .failed(sending.order.hour.key, "Stripe's yes came after the send had run out", .sending)
    }

    /// What follows an attempt, and what Redis is to be told; nil when there is nothing to tell. A refusal for good is
    /// recorded here.
    func conclude(
        _ sending: Sending, _ outcome: StripeOutcome
    ) async throws(StoreError) -> (LaneEntry, SendResult?) {
        let key = sending.order.hour.key
        let decision = backoff.note(
            outcome, of: key, earlierUnknown: sending.isUnsettled, now: context.now(),
            random: Double.random(in: 0...1, using: &random))
        log(decision, sending.order)
        if case .retry = decision.verdict, backoff.wholeHold(now: context.now()) != nil {
            lastOutage = decision.reason
        }
        let state = backoff.hold(on: key, now: context.now()) ?? .owed
        switch decision.verdict {
        case .settled:
            return (
                .acknowledged(units: sending.total - sending.acknowledged), sending.result(.yes)
            )
        case .refused where !sending.order.isMeterEvent && items.doubt(key.tenant, now: context.now()):
            // Its subscription may be in another period by now, or have another item: it is read again before anything
            // else of the tenant is sent.
            backoff.forgive(key)
            wake()
            let entry = LaneEntry.failed(key, decision.reason, .backingOff(until: context.now()))
            return (entry, sending.result(decision.isOutcomeUnknown ? .open : .no))
        case .refused where sending.order.isPeriodOver && !sending.order.isMeterEvent:
            // It came too late for its period, which the next one makes up for.
            backoff.forgive(key)
            let until = (sending.order.closing ?? 0) * 1000
            return (
                .failed(key, decision.reason, .late(until: until)),
                sending.result(decision.isOutcomeUnknown ? .open : .no)
            )
        case .refused:
            backoff.forgive(key)
            let letter = DeadLetter(outcome, at: context.now() / 1000, total: sending.total)
            _ = try await context.store.bury(
                sending.order.key, letter, attempt: sending.attempt, form: sending.order.form,
                lag: sendTimes.summaryLag)
            return (.failed(key, decision.reason, .dead), nil)
        case .retry, .halt:
            let entry = LaneEntry.failed(key, decision.reason, state)
            if !decision.isOutcomeUnknown { return (entry, sending.result(.no)) }
            if !decision.mayStillRun { return (entry, sending.result(.open)) }
            // The request may still arrive: past the mark's deadline the hour is sent once more.
            return (entry, nil)
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
        case .refused: context.logger.warning("Stripe refused an hour", metadata: metadata)
        case .retry: context.logger.debug("An hour will be sent again", metadata: metadata)
        }
    }
}

extension DeadLetter {
    /// What Stripe said of a send.
    init(_ outcome: StripeOutcome, at instant: Int64, total: Int64) {
        if case .answered(let answer) = outcome {
            self.init(
                code: answer.code ?? answer.type ?? "http_\(answer.status)", message: answer.message,
                request: answer.requestID, at: instant, total: total)
        } else {
            self.init(code: "unknown", message: "\(outcome)", at: instant, total: total)
        }
    }
}

extension Duration {
    /// Rounded down.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
