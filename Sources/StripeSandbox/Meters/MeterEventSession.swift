/// The right to send to the meter event stream for a while.
struct MeterEventSession: Codable, Sendable {
    /// "Authentication tokens are only valid for 15 minutes" (docs.stripe.com/api/v2/billing/meter-event-stream).
    static let lifetimeSeconds = 900

    let id: String
    let token: String
    let created: Int

    init(now: Int) {
        id = RandomID.make("mes_test_", length: 24)
        token = RandomID.make("token_test_", length: 48)
        created = now
    }

    var expires: Int { created + Self.lifetimeSeconds }

    /// As `v2.billing.meter_event_session` has it.
    var body: JSONValue {
        .object([
            "object": .text("v2.billing.meter_event_session"),
            "id": .text(id),
            "authentication_token": .text(token),
            "created": .text(RFC3339.text(created)),
            "expires_at": .text(RFC3339.text(expires)),
            "livemode": .boolean(false),
        ])
    }
}
