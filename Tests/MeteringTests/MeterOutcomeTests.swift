import Metering
import Testing

@Suite struct MeterOutcomeTests {
    private func outcome(_ verdict: Verdict, used: Int64 = 0, limit: Int64 = 10, retry: Int64 = 0) -> MeterOutcome {
        MeterOutcome(verdict: verdict, used: used, limit: limit, retryAfterMilliseconds: retry)
    }

    @Test func `verdicts are numbered as the script numbers them, and named as the protocol names them`() {
        #expect(Verdict.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
        #expect(
            Verdict.allCases.map(\.reason.rawValue) == [
                "ok", "overage", "shadow", "too_large", "limit_exceeded", "rate_limited", "not_in_plan",
            ])
    }

    @Test func `the most telling refusal decides, the first named of its like`() {
        #expect(
            MeterOutcome.deciding([
                outcome(.ok, used: 9), outcome(.rateLimited), outcome(.limitExceeded), outcome(.limitExceeded),
            ]) == 2)
        #expect(MeterOutcome.deciding([outcome(.limitExceeded), outcome(.tooLarge), outcome(.notInPlan)]) == 2)
        #expect(MeterOutcome.deciding([outcome(.overage, used: 90), outcome(.rateLimited)]) == 1)
    }

    @Test func `without a refusal the smallest share left decides`() {
        #expect(MeterOutcome.deciding([outcome(.ok, used: 1), outcome(.ok, used: 9, limit: 100), outcome(.ok)]) == 0)
        #expect(MeterOutcome.deciding([outcome(.ok, used: 5), outcome(.ok, used: 5)]) == 0)
        #expect(MeterOutcome.deciding([outcome(.ok, used: 5), outcome(.overage, used: 12)]) == 1)
        #expect(MeterOutcome.deciding([outcome(.ok, used: 500, limit: -1), outcome(.ok, used: 1)]) == 1)
        #expect(MeterOutcome.deciding([outcome(.ok, limit: -1), outcome(.ok, limit: -1)]) == 0)
        #expect(MeterOutcome.deciding([outcome(.ok, used: 1), outcome(.shadow, used: 3, limit: 0)]) == 1)
    }

    @Test func `a call can succeed once the last meter lets it through`() {
        #expect(MeterOutcome.retryAfter([outcome(.ok, retry: 900)]) == 0)
        #expect(MeterOutcome.retryAfter([outcome(.limitExceeded, retry: 5), outcome(.rateLimited, retry: 7)]) == 7)
        #expect(MeterOutcome.retryAfter([outcome(.rateLimited, retry: 7), outcome(.tooLarge, retry: -1)]) == -1)
    }
}
