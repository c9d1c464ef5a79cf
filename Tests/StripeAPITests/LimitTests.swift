import HTTPLink
import TestSupport
import Testing

@testable import StripeAPI

/// What the client keeps back itself, so that Stripe need not refuse it.
@Suite struct LimitTests {
    private func isWaiting(_ client: StripeClient, _ count: Int) async throws {
        try await eventually("\(count) calls wait") { client.gate.turnstile.waitingCount == count }
    }

    private func send(_ client: StripeClient, _ event: MeterEventRequest) -> Task<MeterEvent, any Error> {
        Task { try await client.createMeterEvent(event, idempotencyKey: event.identifier) }
    }

    private func identifiers(_ stripe: HeldStripe) -> [String] {
        stripe.requests.compactMap { request in request.headers.first { $0.name == "Idempotency-Key" }?.value }
    }

    private func code(_ result: Result<some Any, any Error>) -> String? {
        if case .failure(let error as StripeError) = result { error.code } else { nil }
    }

    @Test func `meter events of one customer and meter go one at a time in the order they came`() async throws {
        let stripe = HeldStripe()
        let client = try makeClient(stripe)
        var tasks: [Task<MeterEvent, any Error>] = []
        for number in 0..<5 {
            tasks.append(send(client, makeEvent("i\(number)")))
            if number == 0 {
                try await eventually("the first is under way") { stripe.heldCount == 1 }
            } else {
                try await isWaiting(client, number)
            }
        }
        for number in 0..<5 {
            try await eventually("call \(number) is under way") { stripe.requests.count == number + 1 }
            stripe.release()
            _ = try await tasks[number].value
        }
        #expect(stripe.mostHeld == 1)
        #expect(identifiers(stripe) == ["i0", "i1", "i2", "i3", "i4"])
    }

    @Test func `v1 and v2 share the turn, and other customers and meters have their own`() async throws {
        let stripe = HeldStripe()
        let client = try makeClient(stripe)
        let first = send(client, makeEvent("a"))
        try await eventually("it is under way") { stripe.heldCount == 1 }
        let second = Task { try await client.createMeterEventV2(makeEvent("b"), idempotencyKey: "b") }
        try await isWaiting(client, 1)
        let others = [
            send(client, makeEvent("c", customer: "cus_2")), send(client, makeEvent("d", eventName: "tokens")),
        ]
        try await eventually("the others are under way") { stripe.heldCount == 3 }
        #expect(!identifiers(stripe).contains("b"))
        stripe.open()
        _ = try await first.value
        _ = try await second.value
        for other in others { _ = try await other.value }
    }

    @Test func `usage records of one item go one at a time`() async throws {
        let stripe = HeldStripe(Fixture.usageRecord)
        let client = try makeClient(stripe)
        let tasks = ["si_1", "si_1", "si_2"].map { item in
            Task { try await client.createUsageRecord(item: item, quantity: 1, timestamp: 0, idempotencyKey: "k") }
        }
        try await eventually("two are under way") { stripe.heldCount == 2 }
        try await isWaiting(client, 1)
        stripe.open()
        for task in tasks { _ = try await task.value }
        #expect(stripe.mostHeld == 2)
    }

    @Test func `one call more than may wait for an object is refused and not sent`() async throws {
        let stripe = HeldStripe()
        var limits = StripeLimits.unbounded
        limits.waitingForObject = 2
        let client = try makeClient(stripe, limits: limits)
        let first = send(client, makeEvent("a"))
        try await eventually("it is under way") { stripe.heldCount == 1 }
        let waiting = [send(client, makeEvent("b")), send(client, makeEvent("c"))]
        try await isWaiting(client, 2)
        #expect(code(await send(client, makeEvent("d")).result) == "tollgate_queue_full")
        let other = send(client, makeEvent("e", customer: "cus_2"))
        try await eventually("another customer's call goes") { stripe.heldCount == 2 }
        stripe.open()
        for task in [first, other] + waiting { _ = try await task.value }
        #expect(!identifiers(stripe).contains("d"))
    }

    @Test func `one call more than may wait at all is refused and not sent`() async throws {
        let stripe = HeldStripe()
        var limits = StripeLimits.unbounded
        (limits.atOnce, limits.waiting) = (2, 1)
        let client = try makeClient(stripe, limits: limits)
        let tasks = (0..<3).map { send(client, makeEvent("i\($0)", customer: "cus_\($0)")) }
        try await isWaiting(client, 1)
        try await eventually("two are under way") { stripe.heldCount == 2 }
        #expect(code(await send(client, makeEvent("x", customer: "cus_x")).result) == "tollgate_queue_full")
        stripe.open()
        for task in tasks { _ = try await task.value }
        #expect(stripe.mostHeld == 2 && stripe.requests.count == 3)
    }

    @Test func `who has waited too long is paced and who is cancelled is told so, and neither is sent`() async throws {
        let stripe = HeldStripe()
        let clock = ManualClock()
        let client = try makeClient(stripe, clock: clock)
        let first = send(client, makeEvent("a"))
        try await eventually("it is under way") { stripe.heldCount == 1 }
        let late = send(client, makeEvent("b"))
        try await isWaiting(client, 1)
        try await eventually("it waits by the clock") { clock.sleeperCount == 1 }
        let cancelled = send(client, makeEvent("c"))
        try await isWaiting(client, 2)
        cancelled.cancel()
        #expect(code(await cancelled.result) == "tollgate_cancelled")
        clock.advance(by: client.configuration.longestPacing)
        let result = await late.result
        #expect(code(result) == "tollgate_paced")
        if case .failure(let error as StripeError) = result { #expect(!error.isOutcomeUnknown) }
        stripe.open()
        _ = try await first.value
        // The turn is free again.
        _ = try await send(client, makeEvent("d")).value
        #expect(identifiers(stripe) == ["a", "d"])
    }

    @Test func `calls cancelled and answered in a rush leave no turn taken`() async throws {
        let stripe = HeldStripe()
        stripe.open()
        var limits = StripeLimits.unbounded
        (limits.atOnce, limits.waitingForObject) = (3, 100)
        let client = try makeClient(stripe, limits: limits)
        for round in 0..<20 {
            let tasks = (0..<60).map { send(client, makeEvent("i\($0)", customer: "cus_\($0 % 5)")) }
            for task in tasks.dropFirst(round) where round % 2 == 0 { task.cancel() }
            for task in tasks { _ = await task.result }
            #expect(client.gate.turnstile.waitingCount == 0)
            for number in 0..<5 { _ = try await send(client, makeEvent("x", customer: "cus_\(number)")).value }
        }
    }

    @Test func `each endpoint has a pace of its own and meter events have Stripe's`() async throws {
        let clock = StoppedClock()
        let client = try makeClient(AnsweringStripe(), limits: StripeLimits(requestsPerSecond: 1_000_000), clock: clock)
        for _ in 0..<27 { _ = try await client.invoice("in_1") }
        #expect(clock.now.offset == .seconds(1))
        for _ in 0..<27 { _ = try await client.price("price_1") }
        #expect(clock.now.offset == .seconds(2))
        for number in 0..<1100 { _ = try await client.createMeterEvent(makeEvent(), idempotencyKey: "\(number)") }
        #expect(clock.now.offset == .seconds(3))
        for _ in 0..<110 {
            _ = try await client.createUsageRecord(item: "si_1", quantity: 1, timestamp: 0, idempotencyKey: "k")
        }
        #expect(clock.now.offset == .seconds(4))
        for _ in 0..<110 { try await client.sendToStream(Array(repeating: makeEvent(), count: 100)) }
        // The events of a request go together when the first of them may.
        #expect((.milliseconds(4_990)...(.seconds(5))).contains(clock.now.offset))
    }

    @Test func `clients that share an account send usage each at a part of its pace, and read at all of it`()
        async throws
    {
        let clock = StoppedClock()
        let client = try makeClient(AnsweringStripe(), limits: StripeLimits(requestsPerSecond: 1_000_000), clock: clock)
        func send(_ count: Int) async throws -> Duration {
            let start = clock.now
            for _ in 0..<count {
                _ = try await client.createUsageRecord(item: "si_1", quantity: 1, timestamp: 0, idempotencyKey: "k")
            }
            return start.duration(to: clock.now)
        }
        client.share(among: 5)
        #expect((.milliseconds(9_400)...(.seconds(10))).contains(try await send(200)), "20 a second, of 100")
        let start = clock.now
        for _ in 0..<27 { _ = try await client.invoice("in_1") }
        #expect(start.duration(to: clock.now) == .seconds(1))
        client.share(among: 0)
        #expect(try await send(200) <= .milliseconds(2_100), "alone again")
    }

    @Test(arguments: [(false, 0), (true, 10)])
    func `meter events count toward the pace of all only where Stripe counts them`(counts: Bool, seconds: Int)
        async throws
    {
        let clock = StoppedClock()
        var limits = StripeLimits.unbounded
        (limits.requestsPerSecond, limits.meterEventsCount) = (10, counts)
        let client = try makeClient(AnsweringStripe(), limits: limits, clock: clock)
        for number in 0..<101 { _ = try await client.createMeterEvent(makeEvent(), idempotencyKey: "\(number)") }
        #expect(clock.now.offset == .seconds(seconds))
        for _ in 0..<100 { _ = try await client.invoice("in_1") }
        #expect(clock.now.offset >= .milliseconds(9_900))
    }

    @Test func `a slow endpoint does not keep others from the wire`() async throws {
        let stripe = HeldStripe(Fixture.price)
        stripe.open()
        let clock = ManualClock()
        var limits = StripeLimits.unbounded
        (limits.atOnce, limits.endpointPerSecond) = (1, 1)
        let client = try makeClient(stripe, limits: limits, clock: clock)
        _ = try await client.price("price_1")
        let slow = Task { try await client.price("price_2") }
        try await eventually("it waits by the clock") { clock.sleeperCount == 1 }
        _ = try? await client.createMeterEvent(makeEvent(), idempotencyKey: "k")
        #expect(stripe.requests.count == 2)
        slow.cancel()
        _ = await slow.result
    }
}
