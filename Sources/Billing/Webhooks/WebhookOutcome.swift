/// How one attempt to apply an event ended.
public enum WebhookOutcome: Sendable, Equatable {
    /// It is applied, or there is nothing to do.
    case done
    /// Stripe or Redis could not be asked: it may work later.
    case failed(String)
    /// It can never work.
    case hopeless(String)
}

/// What becomes of an event after an attempt.
public enum WebhookVerdict: Sendable, Equatable {
    /// It is done with.
    case remove
    /// It is tried again then, in milliseconds since the Unix epoch; later events of its object wait for it.
    case retry(at: Int64, reason: String)
    /// It is given up and kept for an operator, for this reason.
    case bury(String)

    /// How long events are tried. Stripe itself delivers for three days (docs.stripe.com/webhooks: "Automatic
    /// retries"), and keeps events for thirty.
    public static let lifetime = Duration.seconds(5 * 86_400)

    /// Decides.
    ///
    /// - Parameters:
    ///   - attempts: how many there were, this one included.
    ///   - receivedAt: when the event came, `now` likewise: milliseconds since the Unix epoch.
    ///   - random: 0…1, for the jitter.
    public init(
        after outcome: WebhookOutcome, attempts: Int, receivedAt: Int64, now: Int64, random: Double,
        backoff: RetryBackoff = RetryBackoff(first: .seconds(1), longest: .seconds(600))
    ) {
        switch outcome {
        case .done: self = .remove
        case .hopeless(let reason): self = .bury(reason)
        case .failed(let reason):
            guard now < receivedAt + Self.lifetime.wholeMilliseconds else {
                self = .bury("given up after \(Self.lifetime.wholeMilliseconds / 86_400_000) days: \(reason)")
                return
            }
            self = .retry(
                at: now + backoff.delay(afterAttempt: attempts, random: random).wholeMilliseconds, reason: reason)
        }
    }
}
