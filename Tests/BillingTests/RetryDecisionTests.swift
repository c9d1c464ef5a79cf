import Billing
import Testing

@Suite struct RetryDecisionTests {
    private let backoff = RetryBackoff(first: .seconds(2), longest: .seconds(600))

    private func decide(
        _ outcome: StripeOutcome, attempt: Int = 1, earlierUnknown: Bool = false
    ) -> RetryDecision {
        RetryDecision.after(
            outcome: outcome, attempt: attempt, earlierUnknown: earlierUnknown, random: 1, backoff: backoff)
    }

    private func decide(
        _ status: Int, type: String? = "invalid_request_error", code: String? = nil, message: String = "m",
        shouldRetry: Bool? = nil, earlierUnknown: Bool = false
    ) -> RetryDecision {
        let answer = StripeAnswer(
            status: status, type: type, code: code, message: message, shouldRetry: shouldRetry)
        return decide(.answered(answer), earlierUnknown: earlierUnknown)
    }

    @Test func `an accepted total settles the hour and every doubt about it`() {
        let decision = decide(.accepted, earlierUnknown: true)
        #expect(decision.verdict == .settled)
        #expect(!decision.isOutcomeUnknown)
    }

    @Test func `an identifier that exists already means delivered`() {
        let decision = decide(400, message: "An event already exists with identifier abc.")
        #expect(decision.verdict == .settled)
        #expect(decide(400, type: nil, code: "duplicate_meter_event").verdict == .settled)
        #expect(decide(400, message: "No such event").verdict == .refused)
    }

    @Test func `a timeout after sending is followed by one more send and stays unknown`() {
        let decision = decide(.unanswered("no whole answer within 30 seconds"))
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.isOutcomeUnknown)
        #expect(decision.scope == .hour)
    }

    @Test func `what never left keeps everything waiting and adds no doubt`() {
        #expect(decide(.notSent("connection refused")).scope == .everything)
        #expect(!decide(.notSent("connection refused")).isOutcomeUnknown)
        #expect(decide(.notSent("connection refused"), earlierUnknown: true).isOutcomeUnknown)
    }

    @Test(arguments: [500, 502, 503, 504, 408])
    func `an indeterminate answer is retried and stays unknown`(status: Int) {
        let decision = decide(status, type: status == 500 ? "api_error" : nil)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.isOutcomeUnknown)
    }

    @Test func `a rate limit says nothing of an earlier attempt`() {
        #expect(decide(429).verdict == .retry(after: .seconds(2)))
        #expect(!decide(429).isOutcomeUnknown)
        #expect(decide(429, earlierUnknown: true).isOutcomeUnknown)
    }

    @Test(
        arguments: [
            (nil, .everything), ("global-rate", .everything), ("global-concurrency", .everything),
            ("endpoint-rate", .endpoint), ("endpoint-concurrency", .endpoint), ("resource-specific", .object),
            ("something-new", .everything),
        ] as [(String?, RetryDecision.Scope)])
    func `a rate limit keeps waiting what its limiter counts`(reason: String?, scope: RetryDecision.Scope) {
        let answer = StripeAnswer(
            status: 429, type: "invalid_request_error", code: "rate_limit", message: "m", rateLimitedReason: reason)
        let decision = decide(.answered(answer), earlierUnknown: true)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == scope && decision.isOutcomeUnknown)
        #expect(reason.map { decision.reason.contains($0) } ?? true)
    }

    @Test(arguments: [(409, nil), (429, "lock_timeout")] as [(Int, String?)])
    func `a conflict or a lock keeps what is about the same waiting`(status: Int, code: String?) {
        let decision = decide(status, code: code)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == .object)
    }

    @Test func `a session of the stream that has ended is no wrong key`() {
        let decision = decide(401, type: "temporary_session_expired", code: "billing_meter_event_session_expired")
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == .endpoint && !decision.isOutcomeUnknown && !decision.needsNewKey)
    }

    @Test func `a key that was used for something else is changed, and one still in use is waited for`() {
        let taken = decide(400, type: "idempotency_error", earlierUnknown: true)
        #expect(taken.verdict == .retry(after: .seconds(2)))
        #expect(taken.needsNewKey && taken.isOutcomeUnknown && taken.scope == .hour)
        let inUse = decide(409, type: "idempotency_error", code: "idempotency_key_in_use")
        #expect(inUse.verdict == .retry(after: .seconds(2)))
        #expect(!inUse.needsNewKey && inUse.scope == .object)
    }

    @Test func `an error of the v2 API without a type is Stripe's own`() {
        func answer(_ status: Int, isStripes: Bool) -> RetryDecision {
            decide(.answered(StripeAnswer(status: status, type: nil, code: "c", message: "m", isStripes: isStripes)))
        }
        #expect(answer(400, isStripes: true).verdict == .refused)
        #expect(answer(400, isStripes: false).verdict == .halt)
        #expect(answer(404, isStripes: true).verdict == .refused)
        #expect(answer(401, isStripes: true).verdict == .halt)
    }

    @Test(arguments: [
        (502, true, true), (503, true, true), (504, true, true), (500, true, false), (500, false, true),
        (520, false, true), (408, false, true), (429, true, false), (400, true, false),
    ])
    func `a failure on the way may come while the request is still under way`(
        status: Int, isStripes: Bool, mayStillRun: Bool
    ) {
        let answer = StripeAnswer(status: status, type: nil, message: "m", isStripes: isStripes)
        #expect(decide(.answered(answer)).mayStillRun == mayStillRun)
        var saved = answer
        saved.isReplayed = true
        #expect(!decide(.answered(saved)).mayStillRun)
    }

    @Test func `without an answer the request may still be under way, and not if it never left`() {
        #expect(decide(.unanswered("timeout")).mayStillRun)
        #expect(!decide(.notSent("refused"), earlierUnknown: true).mayStillRun && !decide(.accepted).mayStillRun)
    }

    @Test(arguments: [401, 403, 409, 429])
    func `an answer to a repetition from before idempotency leaves the first open`(status: Int) {
        var answer = StripeAnswer(status: status, type: "invalid_request_error", message: "m", wasSentAgain: true)
        #expect(decide(.answered(answer)).isOutcomeUnknown && decide(.answered(answer)).mayStillRun)
        answer.isReplayed = true
        #expect(!decide(.answered(answer)).isOutcomeUnknown && !decide(.answered(answer)).mayStillRun)
        answer = StripeAnswer(status: 400, type: "invalid_request_error", message: "m", wasSentAgain: true)
        #expect(decide(.answered(answer)).verdict == .refused && !decide(.answered(answer)).mayStillRun)
    }

    @Test(arguments: ["archived_meter", "no_meter", "timestamp_in_future"])
    func `what passes, or is put right at Stripe, is tried again`(code: String) {
        let decision = decide(400, code: code, earlierUnknown: true)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == .hour && decision.isOutcomeUnknown && !decision.mayStillRun)
        #expect(decide(400, type: nil, code: code).verdict == .halt, "it is none of Stripe's")
        #expect(decide(400, code: "meter_event_invalid_value").verdict == .refused)
    }

    @Test func `a saved failure stays unknown and waits the longest time`() {
        let answer = StripeAnswer(status: 500, type: "api_error", message: "m", isReplayed: true)
        let decision = decide(.answered(answer))
        #expect(decision.verdict == .retry(after: .seconds(600)))
        #expect(decision.isOutcomeUnknown && !decision.needsNewKey)
    }

    @Test(arguments: [true, false])
    func `what our own limits hold back is tried again and adds no doubt`(earlierUnknown: Bool) {
        let decision = decide(.heldBack("32 calls are waiting before it"), earlierUnknown: earlierUnknown)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == .object && decision.isOutcomeUnknown == earlierUnknown)
    }

    @Test func `what can be no request is for an operator to put right`() {
        let decision = decide(.unsendable("an event name is 1 to 100 characters"))
        #expect(decision.verdict == .refused && !decision.isOutcomeUnknown)
        #expect(decision.reason.contains("1 to 100"))
    }

    @Test(arguments: [400, 402, 404, 422])
    func `any other refusal in Stripe's shape is for good`(status: Int) {
        let decision = decide(status, message: "no such meter")
        #expect(decision.verdict == .refused)
        #expect(decision.reason.contains("HTTP \(status): no such meter"))
    }

    @Test func `a refusal leaves an earlier attempt as unknown as it was`() {
        #expect(decide(400, earlierUnknown: true).isOutcomeUnknown)
        #expect(!decide(400, earlierUnknown: false).isOutcomeUnknown)
    }

    @Test(arguments: [401, 403])
    func `a key that Stripe refuses halts everything`(status: Int) {
        #expect(decide(status).verdict == .halt)
        #expect(decide(status, shouldRetry: false).verdict == .halt)
    }

    @Test(arguments: [302, 404, 407])
    func `an answer that is not Stripe's halts everything`(status: Int) {
        let decision = decide(status, type: nil)
        #expect(decision.verdict == .halt)
        #expect(decision.reason.contains("stripe.api_base"))
    }

    @Test(arguments: [400, 401, 404, 409, 429, 500])
    func `when Stripe asks to retry that overrides its status`(status: Int) {
        #expect(decide(status, shouldRetry: true).verdict == .retry(after: .seconds(2)))
    }

    @Test(arguments: [409, 429, 500, 503])
    func `when Stripe asks not to retry a later attempt waits the longest time`(status: Int) {
        #expect(decide(status, shouldRetry: false).verdict == .retry(after: .seconds(600)))
    }

    @Test(arguments: [
        (1, 0.0, 1.0), (1, 1.0, 2.0), (2, 1.0, 4.0), (3, 0.5, 6.0), (9, 1.0, 512.0), (10, 1.0, 600.0),
        (10, 0.0, 300.0), (Int.max, 1.0, 600.0), (0, 1.0, 2.0), (1, 7.0, 2.0), (1, -7.0, 1.0),
    ])
    func `waits double up to the longest and chance takes up to half`(
        attempt: Int, random: Double, seconds: Double
    ) {
        #expect(backoff.delay(afterAttempt: attempt, random: random) == .seconds(seconds))
    }
}
