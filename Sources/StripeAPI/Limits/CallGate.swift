internal import Synchronization

/// Keeps every call within Stripe's limits before it is sent: about one object one at a time, at its endpoint's pace,
/// so many on the wire, and all of them at one pace.
final class CallGate: Sendable {
    let clock: CallClock
    let turnstile: Turnstile
    private let limits: StripeLimits
    private let endpoints: [Endpoint: Pacer]
    private let all: Pacer
    private let sharers = Atomic<Int>(1)

    init(limits: StripeLimits, clock: CallClock) {
        self.clock = clock
        self.limits = limits
        turnstile = Turnstile(limits: limits, clock: clock)
        all = Pacer(perSecond: limits.requestsPerSecond, clock: clock)
        endpoints = Dictionary(
            uniqueKeysWithValues: Endpoint.allCases.map {
                ($0, Pacer(perSecond: limits.perSecond($0), clock: clock))
            })
    }

    /// So many clients send usage and keep within the limits together from now on: each sends it at its part of every
    /// pace.
    func share(among clients: Int) { sharers.store(max(1, clients), ordering: .relaxed) }

    /// Runs `send` when it is the call's turn. All waits together are at most `longest`; what would take longer fails
    /// as `paced` and is not sent.
    func pass<Answer>(
        _ call: Call, longest: Duration, send: () async throws(StripeError) -> Answer
    ) async throws(StripeError) -> Answer {
        let end = clock.now() + longest
        // What is free at once may be taken at the last moment too.
        let rest = { [clock] in max(end - clock.now(), .zero) }
        if let object = call.object { try await turnstile.enter(object, longest: rest()) }
        defer { if let object = call.object { turnstile.leave(object) } }
        // Before a place on the wire is taken: what is slow by its endpoint must not keep others from it.
        let sharers = call.endpoint.isUsage ? sharers.load(ordering: .relaxed) : 1
        try await endpoints[call.endpoint]?.waitTurn(count: call.weight * sharers, longest: rest())
        try await turnstile.enter(.wire, longest: rest())
        defer { turnstile.leave(.wire) }
        if limits.counts(call.endpoint) { try await all.waitTurn(count: sharers, longest: rest()) }
        return try await send()
    }
}
