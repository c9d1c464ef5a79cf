import Billing
import Testing

@Suite struct FlushPlanTests {
    private func owed(_ tenant: String, _ hour: Int64, meter: String = "messages") -> OwedHour {
        OwedHour(tenant: tenant, meter: meter, hour: hour, total: 7, acknowledged: 0)
    }

    @Test func `each tenant has one lane with its oldest hour first`() {
        let plan = FlushPlan.make(
            owed: [owed("b", 3), owed("a", 9), owed("b", 1), owed("a", 2), owed("b", 1, meter: "api")]
        ) { _ in nil }
        #expect(
            plan.lanes == [[owed("b", 1, meter: "api"), owed("b", 1), owed("b", 3)], [owed("a", 2), owed("a", 9)]])
        #expect(plan.held.isEmpty)
    }

    @Test func `held hours are in no lane and keep their reason`() {
        let plan = FlushPlan.make(owed: [owed("a", 1), owed("a", 2), owed("b", 1)]) {
            $0.tenant == "b" ? .noCustomer : $0.hour == 1 ? .edgeNotPast : nil
        }
        #expect(plan.lanes == [[owed("a", 2)]])
        #expect(
            plan.held == [
                FlushPlan.Held(hour: owed("a", 1), state: .edgeNotPast),
                FlushPlan.Held(hour: owed("b", 1), state: .noCustomer),
            ])
    }

    @Test func `nothing owed makes no lane`() {
        #expect(FlushPlan.make(owed: []) { _ in nil }.lanes.isEmpty)
    }

    @Test func `every state has words of its own`() {
        let states: [OwedState] = [
            .owed, .sending, .noCustomer, .meterUnfit("w"), .backingOff(until: 1), .edgeNotPast, .noKey,
            .halted("w"), .refused("w"), .tooOld,
        ]
        #expect(Set(states.map(\.name)).count == states.count)
        #expect(Set(states.map(\.description)).count == states.count)
        #expect(OwedState.noCustomer.description == "waiting for a customer")
    }
}
