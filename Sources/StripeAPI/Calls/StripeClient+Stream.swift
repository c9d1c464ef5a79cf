extension StripeClient {
    /// The most events of one request to the stream (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    public static let mostStreamEvents = 100

    /// Sends up to a hundred events through the meter event stream (`POST /v2/billing/meter_event_stream`). A success
    /// means received: what Stripe does not take is told only by error reports later.
    ///
    /// The session it needs is fetched and renewed inside. A session that Stripe says has ended took nothing of the
    /// events, so they are sent once more with another one. All of it takes no longer than any other call may.
    public func sendToStream(_ events: [MeterEventRequest]) async throws(StripeError) {
        guard (1...Self.mostStreamEvents).contains(events.count) else {
            throw .local(.invalidArgument, "the stream takes 1 to \(Self.mostStreamEvents) events at a time")
        }
        for event in events { try check(event) }
        let call = Call(
            endpoint: .sendToStream, body: .json(MeterEventJSON.body(events)), idempotencyKey: makeKey(),
            weight: events.count)
        let end = endOfCall
        let token = try await streamToken(otherThan: nil, end: end)
        do {
            _ = try await perform(call, bearer: token, end: end, as: EmptyAnswer.self)
        } catch {
            guard error.saysSessionExpired else { throw error }
            let renewed = try await streamToken(otherThan: token, end: end)
            _ = try await perform(call, bearer: renewed, end: end, as: EmptyAnswer.self)
        }
    }

    private func streamToken(
        otherThan spent: StripeSecretKey?, end: Duration
    ) async throws(StripeError) -> StripeSecretKey {
        let longest = min(configuration.longestPacing, end - gate.clock.now())
        do {
            return try await session.token(otherThan: spent, longest: longest) { () throws(StripeError) in
                let call = Call(
                    endpoint: .createStreamSession, body: .json(Array("{}".utf8)), idempotencyKey: makeKey())
                return try await perform(call, end: end, as: StreamSessionAnswer.self)
            }
        } catch {
            throw error.asNothingSent
        }
    }
}
