extension StripeClient {
    /// The most events of one request to the stream (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    public static let mostStreamEvents = 100

    /// Sends up to a hundred events through the meter event stream (`POST /v2/billing/meter_event_stream`). A success
    /// means received: what Stripe does not take is told only by error reports later.
    public func sendToStream(_ events: [MeterEventRequest]) async throws(StripeError) {
        guard (1...Self.mostStreamEvents).contains(events.count) else {
            throw .local(.invalidArgument, "the stream takes 1 to \(Self.mostStreamEvents) events at a time")
        }
        for event in events { try check(event) }
        let session = try await post(
            .createStreamSession, .json(Array("{}".utf8)), key: makeKey(), as: StreamSessionAnswer.self)
        let call = Call(
            endpoint: .sendToStream, body: .json(MeterEventJSON.body(events)), idempotencyKey: makeKey())
        _ = try await perform(call, bearer: session.token, as: EmptyAnswer.self)
    }
}
