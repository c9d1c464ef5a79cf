/// Stripe's `v2.billing.meter_event_session` (docs.stripe.com/api/v2/billing/meter-event-stream).
struct StreamSessionAnswer: Decodable {
    let token: StripeSecretKey
    /// How long the token counts, by Stripe's own clock alone, in seconds.
    let lifetime: Int64

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard let token = StripeSecretKey(try values.decode(String.self, forKey: .token)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .token, in: values, debugDescription: "the token is not one that a header can hold")
        }
        self.token = token
        lifetime = try RFC3339.decode(.expiresAt, from: values) - RFC3339.decode(.created, from: values)
    }

    private enum CodingKeys: String, CodingKey {
        case created
        case token = "authentication_token"
        case expiresAt = "expires_at"
    }
}

/// The stream's answer, `{}`. Whatever else Stripe may put into it later is not looked at.
struct EmptyAnswer: Decodable {
    init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: Key.self)
    }

    private enum Key: CodingKey {}
}
