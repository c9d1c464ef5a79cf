import Testing

@testable import Billing

@Suite struct WebhookLineTests {
    private func line(_ events: [(place: String, object: String)], capacity: Int = 10) -> WebhookLine<String> {
        var line = WebhookLine<String>(capacity: capacity)
        for event in events { line.add(event.place, place: event.place, object: event.object, notBefore: 0) }
        return line
    }

    @Test func `events of one object go one after the other, and others beside them`() {
        var line = line([("1", "a"), ("2", "a"), ("3", "b")])
        #expect(line.next(now: 0) == "1")
        #expect(line.next(now: 0) == "3")
        #expect(line.next(now: 0) == nil)
        line.remove(place: "1")
        #expect(line.next(now: 0) == "2")
        #expect(line.count == 2)
    }

    @Test func `an event that waits holds up its own object alone, until its time has come`() {
        var line = line([("1", "a"), ("2", "a"), ("3", "b")])
        #expect(line.next(now: 0) == "1")
        line.postpone(place: "1", until: 100) { $0 += " again" }
        #expect(line.next(now: 99) == "3")
        #expect(line.next(now: 99) == nil)
        #expect(line.next(now: 100) == "1 again")
    }

    @Test func `an event that is known or finds no room is left out`() {
        var line = line([("1", "a"), ("1", "a"), ("2", "b"), ("3", "c")], capacity: 2)
        #expect(line.count == 2 && !line.hasRoom)
        line.remove(place: "1")
        line.remove(place: "1")
        #expect(line.count == 1 && line.hasRoom)
        line.removeAll()
        #expect(line.next(now: 0) == nil)
    }

    @Test func `an event that failed is tried later and later, and given up after days`() {
        let hour: Int64 = 3_600_000
        func verdict(_ outcome: WebhookOutcome, attempts: Int, age: Int64) -> WebhookVerdict {
            WebhookVerdict(after: outcome, attempts: attempts, receivedAt: 0, now: age, random: 1)
        }
        #expect(verdict(.done, attempts: 1, age: 0) == .remove)
        #expect(verdict(.hopeless("no"), attempts: 1, age: 0) == .bury("no"))
        #expect(verdict(.failed("x"), attempts: 1, age: 5) == .retry(at: 1005, reason: "x"))
        #expect(verdict(.failed("x"), attempts: 3, age: 0) == .retry(at: 4000, reason: "x"))
        #expect(verdict(.failed("x"), attempts: 99, age: 0) == .retry(at: 600_000, reason: "x"))
        #expect(verdict(.failed("x"), attempts: 1, age: 120 * hour - 1) != verdict(.done, attempts: 1, age: 0))
        #expect(verdict(.failed("x"), attempts: 1, age: 120 * hour) == .bury("given up after 5 days: x"))
    }

    @Test(arguments: [
        ("timestamp_in_future", MeterErrorVerdict.owed), ("no_meter", .owed), ("archived_meter", .owed),
        ("meter_event_customer_not_found", .dead), ("meter_event_no_customer_defined", .dead),
        ("meter_event_invalid_value", .dead), ("meter_event_value_too_many_digits", .dead),
        ("timestamp_too_far_in_past", .dead), ("meter_event_dimension_count_too_high", .dead),
        ("missing_dimension_payload_keys", .dead), ("something_new", .dead), ("", .dead),
    ])
    func `each code of a meter's errors says whether the hour is owed or dead`(
        code: String, verdict: MeterErrorVerdict
    ) {
        #expect(MeterErrorVerdict(code: code) == verdict)
    }

    @Test func `a type that is not followed is no label of its own`() {
        #expect(WebhookTopic(type: "invoice.created") == .invoice)
        #expect(WebhookTopic(type: "customer.created") == nil)
        #expect(WebhookTopic.label("customer.created") == "other")
        #expect(WebhookTopic.label("invoice.created") == "invoice.created")
    }
}
