import Billing
import Logging
import RedisLink
import StripeAPI

/// Sends many hours in few requests, by Stripe's meter event stream.
extension Flusher {
    /// The most events in a request (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    private static let eventsPerRequest = 100
    /// How many hours are under way at once: no more than go out at once, because their marks soon end.
    private static let hoursAtOnce = requestsAtOnce * eventsPerRequest
    /// How many requests are.
    private static let requestsAtOnce = 4
    /// For how long the stream is left alone after it refused a request, in milliseconds.
    private static let pause: Int64 = 600_000

    func stream(_ orders: [SendOrder], _ tally: inout FlushTally) async throws(StoreError) {
        for start in stride(from: 0, to: orders.count, by: Self.hoursAtOnce) {
            let part = orders[start..<min(start + Self.hoursAtOnce, orders.count)]
            guard !isStopping, context.now() >= streamAfter, backoff.haltReason == nil,
                backoff.wholeHold(now: context.now()) == nil
            else {
                for order in part {
                    let key = order.hour.key
                    tally.note(.notSent(key, backoff.hold(on: key, now: context.now()) ?? .owed))
                }
                continue
            }
            try await stream(part, &tally)
        }
    }

    private func stream(_ orders: ArraySlice<SendOrder>, _ tally: inout FlushTally) async throws(StoreError) {
        var sendings: [Sending] = []
        var comparing: [Sending] = []
        for begun in try await begin(byPartition: orders) {
            switch begun {
            case .sending(let sending): sendings.append(sending)
            case .compare(let sending): comparing.append(sending)
            case .credit(let order): tally.note(try await lend(order))
            case .ended(let entry): tally.note(entry)
            }
        }
        let chunks = stride(from: 0, to: sendings.count, by: Self.eventsPerRequest).map {
            sendings[$0..<min($0 + Self.eventsPerRequest, sendings.count)]
        }
        let outcomes = await deliver(chunks)
        var entries: [(LaneEntry, Sending, SendResult?)] = []
        for (chunk, outcome) in zip(chunks, outcomes) {
            for sending in chunk {
                let (entry, result) = try await concludeStreamed(sending, outcome)
                entries.append((entry, sending, result))
            }
        }
        let late = try await end(entries.compactMap { entry in entry.2.map { (entry.1, $0) } })
        for (entry, sending, _) in entries {
            if case .acknowledged = entry, late.contains(sending.attempt) {
                tally.note(try await reopen(sending))
            } else {
                tally.note(entry)
            }
        }
        for sending in comparing { tally.note(try await compare(sending)) }
    }

    /// A stream validates later, so its refusal is of the request and not of an hour: the hours go out one by one. So
    /// they do where the stream cannot be reached, or the key may not use it; if it is the key, that shows there.
    private func concludeStreamed(
        _ sending: Sending, _ outcome: StripeOutcome
    ) async throws(StoreError) -> (LaneEntry, SendResult?) {
        let reason: String
        var isOpen = sending.isUnsettled
        switch outcome {
        case .answered(let answer) where answer.isRefusal:
            reason = answer.message
            isOpen = isOpen || answer.wasSentAgain
        case .notSent(let why): reason = why
        default: return try await conclude(sending, outcome)
        }
        if context.now() >= streamAfter {
            streamAfter = context.now() + Self.pause
            context.logger.warning(
                "Stripe's meter event stream took no request: hours go out one by one for a while",
                metadata: ["reason": "\(reason)"])
        }
        return (
            .failed(sending.order.hour.key, "the stream did not take it: \(reason)", .owed),
            sending.result(isOpen ? .open : .no)
        )
    }

    private func begin(byPartition orders: ArraySlice<SendOrder>) async throws(StoreError) -> [Begun] {
        let keys = context.store.keys
        let groups = Dictionary(grouping: orders) { keys.partition(of: $0.hour.tenant) }
        let begun = await withTaskGroup(of: Result<[Begun], StoreError>.self) { group in
            for part in groups.values {
                group.addTask {
                    do throws(StoreError) { return .success(try await self.begin(part)) } catch {
                        return .failure(error)
                    }
                }
            }
            var results: [Result<[Begun], StoreError>] = []
            for await result in group { results.append(result) }
            return results
        }
        var all: [Begun] = []
        for part in begun { all += try part.get() }
        return all
    }

    /// The outcome of each chunk, in their order.
    private func deliver(_ chunks: [ArraySlice<Sending>]) async -> [StripeOutcome] {
        guard let stripe = context.stripe else { return chunks.map { _ in .notSent("no Stripe key") } }
        var outcomes = [StripeOutcome](repeating: .notSent("not sent"), count: chunks.count)
        for start in stride(from: 0, to: chunks.count, by: Self.requestsAtOnce) {
            await withTaskGroup(of: (Int, StripeOutcome).self) { group in
                for index in start..<min(start + Self.requestsAtOnce, chunks.count) {
                    let events = chunks[index].compactMap(\.event)
                    guard chunks[index].allSatisfy({ isInTime($0) }) else {
                        outcomes[index] = .heldBack("this process was held up")
                        continue
                    }
                    group.addTask {
                        do throws(StripeError) {
                            try await stripe.sendToStream(events)
                            return (index, .accepted)
                        } catch {
                            return (index, StripeOutcome(error))
                        }
                    }
                }
                for await (index, outcome) in group { outcomes[index] = outcome }
            }
        }
        return outcomes
    }

    /// Tells Redis; returns the attempts whose marks were somebody else's by then.
    private func end(_ results: [(Sending, SendResult)]) async throws(StoreError) -> Set<String> {
        let store = context.store
        let groups = Dictionary(grouping: results) { "\($0.0.partition) \($0.0.life)" }
        let ended = await withTaskGroup(of: Result<[String], StoreError>.self) { group in
            for part in groups.values {
                group.addTask {
                    do throws(StoreError) {
                        let isOurs = try await store.endSends(
                            partition: part[0].0.partition, life: part[0].0.life, part.map(\.1))
                        return .success(zip(part, isOurs).filter { !$0.1 }.map { $0.0.0.attempt })
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var results: [Result<[String], StoreError>] = []
            for await result in group { results.append(result) }
            return results
        }
        var late: Set<String> = []
        for part in ended { late.formUnion(try part.get()) }
        return late
    }
}

extension StripeAnswer {
    /// Whether Stripe will not take the request as it is, or not from this key.
    var isRefusal: Bool {
        guard code != "billing_meter_event_session_expired" else { return false }
        return Self.isRefusal(status) || status == 401 || status == 403
    }

    /// Whether a status says that the same request never succeeds.
    static func isRefusal(_ status: Int) -> Bool {
        (400..<500).contains(status) && ![401, 403, 408, 409, 429].contains(status)
    }
}
