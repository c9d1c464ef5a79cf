import Billing
import Testing

@Suite struct FlushPlanTests {
    private func owed(_ tenant: String, _ hour: Int64, meter: String = "messages") -> OwedHour {
        OwedHour(tenant: tenant, meter: meter, hour: hour, total: 7, acknowledged: 0)
    }

    @Test func `each tenant has one lane with its oldest hour first`() {
        let plan = FlushPlan.make(
            owed: [owed("b", 3), owed("a", 9), owed("b", 1), owed("a", 2), owed("b", 1, meter: "api")], limit: 100
        ) { _ in nil }
        #expect(
            plan.lanes == [[owed("b", 1, meter: "api"), owed("b", 1), owed("b", 3)], [owed("a", 2), owed("a", 9)]])
        #expect(plan.held.isEmpty)
    }

    @Test func `a tenant with a thousand hours leaves room for the others`() {
        let many = (0..<1000).map { owed("big", Int64($0)) }
        let plan = FlushPlan.make(owed: many + [owed("small", 5000), owed("tiny", 6000)], limit: 10) { _ in nil }
        #expect(plan.lanes.map(\.count) == [8, 1, 1])
        #expect(plan.lanes[0].map(\.hour) == Array(0..<8))
    }

    @Test func `with fewer places than tenants those with the oldest hours go first`() {
        let plan = FlushPlan.make(owed: [owed("a", 3), owed("b", 2), owed("c", 1)], limit: 2) { _ in nil }
        #expect(plan.lanes == [[owed("c", 1)], [owed("b", 2)]])
    }

    @Test func `held hours take no place and keep their reason`() {
        let plan = FlushPlan.make(owed: [owed("a", 1), owed("a", 2), owed("b", 1)], limit: 2) {
            $0.tenant == "b" ? .noCustomer : $0.hour == 1 ? .edgeNotPast : nil
        }
        #expect(plan.lanes == [[owed("a", 2)]])
        #expect(
            plan.held == [
                FlushPlan.Held(hour: owed("a", 1), state: .edgeNotPast),
                FlushPlan.Held(hour: owed("b", 1), state: .noCustomer),
            ])
    }

    @Test func `nothing owed or no place makes no lane`() {
        #expect(FlushPlan.make(owed: [], limit: 5) { _ in nil }.lanes.isEmpty)
        #expect(FlushPlan.make(owed: [owed("a", 1)], limit: 0) { _ in nil }.lanes.isEmpty)
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
