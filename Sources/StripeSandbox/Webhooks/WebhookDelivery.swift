/// An event on its way to an endpoint.
struct WebhookDelivery: Codable, Sendable {
    let number: Int
    let endpoint: String
    let event: String
    let type: String
    let body: String
    /// Attempts made so far.
    var attempts = 0
    /// When the first attempt ended; nil before it.
    var firstAt: Int?
    /// When the next attempt is due, by the sandbox clock.
    var dueAt: Int

    /// The waits after the first failed attempts, in seconds; the last one repeats. Stripe's own schedule is not
    /// published, only that it is exponential and ends after three days (docs.stripe.com/webhooks, "Retry behavior").
    static let waits = [1, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 43_200]
    static let lifetimeSeconds = 3 * 86_400

    var nextWait: Int { Self.waits[min(attempts, Self.waits.count) - 1] }
}

/// What became of an attempt.
struct WebhookAttempt: Sendable {
    /// What was answered; nil without an answer.
    let status: Int?
    let error: String?

    /// Only 2xx is a success: "Stripe considers a redirect a failure" (docs.stripe.com/webhooks).
    var isSuccess: Bool { status.map { (200..<300).contains($0) } ?? false }
}

/// A delivery with all that is needed to post it.
struct WebhookPost: Sendable {
    let number: Int
    let url: String
    let body: [UInt8]
    let signature: String
}
