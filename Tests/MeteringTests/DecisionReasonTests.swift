import Metering
import Testing

struct DecisionReasonTests {
    @Test func `the words on the wire are those of the protocol`() {
        #expect(
            DecisionReason.allCases.map(\.rawValue) == [
                "ok", "overage", "shadow", "unknown_tenant", "restricted", "no_subscription", "not_in_plan",
                "too_large", "limit_exceeded", "rate_limited", "degraded",
            ])
    }

    @Test func `refusals have the protocol's order`() {
        #expect(DecisionReason.refusalsByPriority.map(\.refusalPriority) == [0, 1, 2, 3, 4, 5, 6])
        #expect(
            DecisionReason.refusalsByPriority.map(\.rawValue) == [
                "unknown_tenant", "restricted", "no_subscription", "not_in_plan", "too_large", "limit_exceeded",
                "rate_limited",
            ])
        for reason in [DecisionReason.ok, .overage, .shadow, .degraded] {
            #expect(reason.refusalPriority == nil)
        }
    }
}
