/// What follows an attempt to send something to Stripe, and why: the only place that decides it.
///
/// An hour in `window` mode may be sent again without harm, since each attempt has an identifier and a key of its own
/// and the newest total replaces the others. So an outcome that is unknown is always followed by one more attempt.
public struct RetryDecision: Sendable, Equatable {
    /// What to do.
    public enum Verdict: Sendable, Equatable {
        /// Stripe has it.
        case settled
        /// Send again, no sooner than after this wait.
        case retry(after: Duration)
        /// Stripe will never take it as it is. It stays owed, is shown with the reason, and an operator must act.
        case refused
        /// The key or the configuration is wrong: send nothing at all until it has changed.
        case halt

        /// Whether the hour stays to be sent.
        var isOpen: Bool {
            switch self {
            case .settled, .refused: false
            case .retry, .halt: true
            }
        }
    }

    /// What a wait concerns.
    public enum Scope: Sendable, Equatable {
        /// The hour alone: what failed may lie in it.
        case hour
        /// Whatever is about the same customer and meter, or the same subscription item.
        case object
        /// Whatever goes to the same endpoint of Stripe.
        case endpoint
        /// Everything that goes to Stripe.
        case everything
    }

    /// What to do.
    public let verdict: Verdict
    /// What a `retry` keeps waiting. A refusal concerns its hour only, and a halt everything.
    public let scope: Scope
    /// True while Stripe may hold a total that was never acknowledged, from this attempt or an earlier one. Then the
    /// hour stays owed even if its total returns to the acknowledged one.
    public let isOutcomeUnknown: Bool
    /// Whether this attempt may still be under way, so that Stripe may act on it later: for as long as a request can
    /// last nothing else is to be sent of its hour.
    public private(set) var mayStillRun: Bool
    /// Whether a `retry` must come with another idempotency key: this one belongs to another request.
    public let needsNewKey: Bool
    /// A sentence for the log and the operator.
    public let reason: String

    /// Decides.
    ///
    /// - Parameters:
    ///   - outcome: of this attempt.
    ///   - attempt: its number since the last success, the first being 1.
    ///   - earlierUnknown: whether an earlier attempt of the hour ended without an answer and none has succeeded since.
    ///   - random: 0…1, for the jitter.
    ///   - backoff: how waits grow.
    public static func after(
        outcome: StripeOutcome, attempt: Int, earlierUnknown: Bool, random: Double,
        backoff: RetryBackoff = RetryBackoff()
    ) -> RetryDecision {
        let wait = backoff.delay(afterAttempt: attempt, random: random)
        switch outcome {
        case .accepted:
            return RetryDecision(.settled, unknown: false, "Stripe took it")
        case .notSent(let why):
            return RetryDecision(.retry(after: wait), .everything, unknown: earlierUnknown, "not sent: \(why)")
        case .heldBack(let why):
            return RetryDecision(.retry(after: wait), .object, unknown: earlierUnknown, "held back: \(why)")
        case .unsendable(let why):
            return RetryDecision(.refused, unknown: earlierUnknown, "it cannot be sent: \(why)")
        case .unanswered(let why):
            return RetryDecision(.retry(after: wait), unknown: true, mayStillRun: true, "no answer: \(why)")
        case .answered(let answer):
            var decision = after(answer, wait: wait, longest: backoff.longest, earlierUnknown: earlierUnknown)
            decision.mayStillRun = decision.verdict.isOpen && (answer.mayComeTooSoon || answer.leavesFirstOpen)
            return decision
        }
    }

    private static func after(
        _ answer: StripeAnswer, wait: Duration, longest: Duration, earlierUnknown: Bool
    ) -> RetryDecision {
        let said = "HTTP \(answer.status): \(answer.message)"
        if answer.saysEventExists {
            return RetryDecision(.settled, unknown: false, "Stripe already has an event with this identifier")
        }
        // A 5xx leaves open whether Stripe acted (docs.stripe.com/error-low-level). A 429 comes before anything was
        // looked at, so it says nothing about an earlier attempt.
        let isUnknown = earlierUnknown || answer.status >= 500 || answer.leavesFirstOpen
        if answer.saysSessionExpired {
            return RetryDecision(
                .retry(after: wait), .endpoint, unknown: isUnknown, "the stream's session has ended; \(said)")
        }
        if answer.saysKeyIsTaken {
            return RetryDecision(
                .retry(after: wait), unknown: isUnknown, needsNewKey: true,
                "its idempotency key was used for something else; \(said)")
        }
        if answer.shouldRetry == true {
            let scope = answer.status == 409 ? .object : answer.status == 429 ? limited(answer).0 : Scope.hour
            return RetryDecision(.retry(after: wait), scope, unknown: isUnknown, "Stripe asks to retry; \(said)")
        }
        // "Do not retry" is said of this request. Where the answer is about Stripe's state and not about the request,
        // a later attempt is another request: it waits the longest time instead of being given up. A saved answer
        // comes again whenever its key does.
        let polite = answer.shouldRetry == false || answer.isReplayed ? longest : wait
        switch answer.status {
        case 401, 403:
            return RetryDecision(.halt, .everything, unknown: isUnknown, "Stripe refuses the key; \(said)")
        case 409:
            return RetryDecision(.retry(after: polite), .object, unknown: isUnknown, "a conflict at Stripe; \(said)")
        case 429:
            let (scope, what) = limited(answer)
            return RetryDecision(.retry(after: polite), scope, unknown: isUnknown, "\(what); \(said)")
        case 408, 500...:
            return RetryDecision(
                .retry(after: polite), unknown: true,
                "Stripe's outcome is unknown\(answer.isReplayed ? " and stays so with this key" : ""); \(said)")
        case 400..<500 where answer.saysItPasses:
            return RetryDecision(.retry(after: polite), unknown: isUnknown, "Stripe does not take it yet; \(said)")
        case 400..<500 where answer.isStripes:
            return RetryDecision(.refused, unknown: isUnknown, "Stripe refuses it; \(said)")
        default:
            return RetryDecision(
                .halt, .everything, unknown: isUnknown,
                "this is no answer of Stripe's: check stripe.api_base and any proxy on the way; \(said)")
        }
    }

    /// What a 429 is about: an object that another request has locked comes without a reason, a limiter with one
    /// (docs.stripe.com/rate-limits).
    private static func limited(_ answer: StripeAnswer) -> (Scope, String) {
        if answer.code == "lock_timeout" { return (.object, "locked at Stripe") }
        guard let reason = answer.rateLimitedReason else { return (.everything, "rate limited") }
        let what = "rate limited (\(reason))"
        if reason.hasPrefix("resource-") { return (.object, what) }
        return (reason.hasPrefix("endpoint-") ? .endpoint : .everything, what)
    }

    private init(
        _ verdict: Verdict, _ scope: Scope = .hour, unknown: Bool, mayStillRun: Bool = false,
        needsNewKey: Bool = false, _ reason: String
    ) {
        self.verdict = verdict
        self.scope = scope
        self.isOutcomeUnknown = unknown
        self.mayStillRun = mayStillRun
        self.needsNewKey = needsNewKey
        self.reason = reason
    }
}
