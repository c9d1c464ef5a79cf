import Billing
import Testing

@Suite struct MeterFitTests {
    private func meter(
        status: String = "active", formula: String = "sum", window: String? = "hour", mapping: String? = "by_id"
    ) -> MeterFacts {
        MeterFacts(
            id: "mtr_1", status: status, formula: formula, eventTimeWindow: window, customerMappingType: mapping)
    }

    private func reason(_ meters: [MeterFacts]) -> String? {
        guard case .unfit(let why) = MeterFit.judge(eventName: "messages", meters: meters) else { return nil }
        return why
    }

    @Test func `an active hour-window sum is fit`() {
        #expect(MeterFit.judge(eventName: "messages", meters: [meter()]) == .fit(meter()))
        #expect(reason([meter(mapping: nil)]) == nil)
    }

    @Test func `an ordinary sum is unfit because it would bill each total again`() throws {
        let why = try #require(reason([meter(window: nil)]))
        #expect(why.contains("mtr_1") && why.contains("messages"))
        #expect(why.contains("bill every running total again"))
    }

    @Test func `a meter that differs in any one thing is unfit and the reason names it`() {
        #expect(reason([meter(status: "inactive")])?.contains("inactive") == true)
        #expect(reason([meter(formula: "count")])?.contains("count") == true)
        #expect(reason([meter(formula: "last")])?.contains("last") == true)
        #expect(reason([meter(window: "day")])?.contains("day") == true)
        #expect(reason([meter(mapping: "by_name")])?.contains("by_name") == true)
        #expect(reason([])?.contains("no meter") == true)
    }

    @Test func `an inactive meter of the same name does not hide the active one`() {
        let meters = [meter(status: "inactive", window: nil), meter()]
        #expect(MeterFit.judge(eventName: "messages", meters: meters) == .fit(meter()))
        #expect(reason([meter(status: "inactive"), meter(window: nil)])?.contains("event_time_window") == true)
    }
}
