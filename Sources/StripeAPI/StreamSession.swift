import Synchronization

/// The session of the meter event stream: a bearer token that Stripe gives for 15 minutes
/// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api). All senders share one; it is fetched when
/// there is none, or little is left of it.
final class StreamSession: Sendable {
    private struct State {
        var token: StripeSecretKey?
        /// By the client's clock.
        var usableUntil: Duration = .zero
        /// How many fetches have ended.
        var fetches = 0
        /// Of the last fetch, if it failed.
        var failure: StripeError?
    }

    private enum Reading {
        case token(StripeSecretKey)
        case failed(StripeError)
        case absent
    }

    /// Renewed so long before its end: longer than a request with it may take.
    private static let margin: Duration = .seconds(60)
    /// What Stripe states; a longer life in an answer is not believed.
    private static let longestLife: Duration = .seconds(900)

    private let state = Mutex(State())
    private let gate: CallGate

    init(gate: CallGate) {
        self.gate = gate
    }

    /// A token that counts, the one there is or a new one. Callers that come while one is fetched wait and share what
    /// comes of it, a failure too.
    ///
    /// - Parameters:
    ///   - spent: a token that Stripe has refused; another one is wanted.
    ///   - longest: the wait for another caller's fetch.
    ///   - fetch: asks Stripe for a session.
    func token(
        otherThan spent: StripeSecretKey?, longest: Duration,
        fetch: () async throws(StripeError) -> StreamSessionAnswer
    ) async throws(StripeError) -> StripeSecretKey {
        let fetches = state.withLock { $0.fetches }
        if case .token(let token) = reading(otherThan: spent, after: fetches) { return token }
        try await gate.turnstile.enter(.streamSession, longest: longest)
        defer { gate.turnstile.leave(.streamSession) }
        switch reading(otherThan: spent, after: fetches) {
        case .token(let token): return token
        case .failed(let error): throw error
        case .absent: break
        }
        // Its life counts from before it was asked for, by this clock alone: Stripe's instants are only subtracted.
        let asked = gate.clock.now()
        do throws(StripeError) {
            let answer = try await fetch()
            let life = min(.seconds(answer.lifetime), Self.longestLife)
            state.withLock { state in
                state.token = answer.token
                state.usableUntil = asked + max(life - Self.margin, life / 2)
                state.fetches += 1
                state.failure = nil
            }
            return answer.token
        } catch {
            state.withLock { state in
                state.token = nil
                state.fetches += 1
                state.failure = error
            }
            throw error
        }
    }

    private func reading(otherThan spent: StripeSecretKey?, after fetches: Int) -> Reading {
        let now = gate.clock.now()
        return state.withLock { state in
            if let token = state.token, now < state.usableUntil, token.value != spent?.value { return .token(token) }
            if state.fetches > fetches, let failure = state.failure { return .failed(failure) }
            return .absent
        }
    }
}
