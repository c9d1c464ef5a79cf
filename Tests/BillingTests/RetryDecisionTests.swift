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

    @Test func `a rate limit keeps everything waiting and says nothing of an earlier attempt`() {
        let decision = decide(429)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == .everything)
        #expect(!decision.isOutcomeUnknown)
        #expect(decide(429, earlierUnknown: true).isOutcomeUnknown)
    }

    @Test(arguments: [(409, nil), (429, "lock_timeout")] as [(Int, String?)])
    func `a conflict or a lock keeps the tenant waiting`(status: Int, code: String?) {
        let decision = decide(status, code: code)
        #expect(decision.verdict == .retry(after: .seconds(2)))
        #expect(decision.scope == .tenant)
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
