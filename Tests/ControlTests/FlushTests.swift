import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct FlushTests {
    @Test func `an owed hour is sent as its total and is owed no more`() async throws {
        let rig = try await Rig()
        rig.stripe.setMeters([ScriptedStripe.meter("messages_used", customerKey: "who", valueKey: "count")])
        try await rig.put("acme")
        try await rig.owe("acme", total: 41)
        let report = try await rig.flusher().flush()
        let event = try #require(rig.stripe.events.first)
        #expect(rig.stripe.events.count == 1)
        #expect(event.payload == ["who": "cus_acme", "count": "41"])
        #expect(event.eventName == "messages_used")
        #expect(event.timestamp == (Rig.hour - 1) * 3600)
        #expect(event.identifier.count == 32)
        #expect(event.identifier == event.idempotencyKey)
        #expect(report.sent == 1 && report.acknowledged == 1 && report.units == 41)
        #expect(report.owed == 0 && report.waiting.isEmpty && report.stopped == nil)
        #expect(try await rig.owed("acme").isEmpty)
    }

    @Test func `an acknowledged hour is sent again only when its total has grown, under another identifier`()
        async throws
    {
        let rig = try await Rig()
        let flusher = rig.flusher()
        try await rig.put("acme")
        try await rig.owe("acme", total: 10)
        _ = try await flusher.flush()
        _ = try await flusher.flush()
        #expect(rig.stripe.events.count == 1)
        try await rig.owe("acme", total: 10)
        #expect(try await flusher.flush().sent == 0)
        try await rig.owe("acme", total: 15)
        let report = try await flusher.flush()
        #expect(report.units == 5)
        #expect(rig.stripe.events.map { $0.payload["value"] } == ["10", "15"])
        #expect(Set(rig.stripe.events.map(\.identifier)).count == 2)
    }

    @Test func `hours of many tenants all go, the oldest of each first`() async throws {
        let rig = try await Rig()
        for number in 1...40 {
            try await rig.put("t\(number)")
            for age in 1...3 { try await rig.owe("t\(number)", hour: Rig.hour - Int64(age), total: Int64(number)) }
        }
        let report = try await rig.flusher().flush()
        #expect(report.acknowledged == 120 && report.owed == 0)
        for number in 1...40 {
            let times = rig.stripe.events.filter { $0.payload["stripe_customer_id"] == "cus_t\(number)" }.map(
                \.timestamp)
            #expect(times == [3, 2, 1].map { (Rig.hour - $0) * 3600 })
        }
    }

    @Test func `more hours than a round looks at together all go`() async throws {
        let rig = try await Rig()
        for number in 1...3 { try await rig.put("t\(number)") }
        for age in 1...200 {
            for number in 1...3 { try await rig.owe("t\(number)", hour: Rig.hour - Int64(age), total: 1) }
        }
        let report = try await rig.flusher().flush()
        #expect(report.acknowledged == 600 && report.owed == 0)
    }

    @Test func `a tenant with many older hours leaves room for the others`() async throws {
        let rig = try await Rig()
        for tenant in ["big", "small"] { try await rig.put(tenant) }
        for age in 1...600 { try await rig.owe("big", hour: Rig.hour - Int64(age), total: 1) }
        try await rig.owe("small", hour: Rig.hour, total: 1)
        // Where the machine is slow not all go at once, but those that go do so in turns.
        _ = try await rig.flusher().flush()
        let customers = rig.stripe.events.map { $0.payload["stripe_customer_id"] }
        let place = try #require(customers.firstIndex(of: "cus_small"))
        #expect(place < 200, "it is not last")
        let times = rig.stripe.events.filter { $0.payload["stripe_customer_id"] == "cus_big" }.map(\.timestamp)
        #expect(times == times.sorted())
    }

    @Test func `a tenant without a record or customer waits and holds up nobody`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.put("poor", customer: nil)
        for tenant in ["acme", "poor", "stranger"] { try await rig.owe(tenant, total: 5) }
        let report = try await rig.flusher().flush()
        #expect(report.acknowledged == 1 && report.owed == 2)
        #expect(report.waiting.map(\.state) == ["no_customer"])
        #expect(report.waiting.first?.count == 2)
        #expect(report.waiting.first?.examples.map(\.tenant).sorted() == ["poor", "stranger"])
        try await rig.put("poor")
        #expect(try await rig.flusher().flush().acknowledged == 1)
    }

    @Test(arguments: [
        (ScriptedStripe.meter("messages_used", window: "null"), "event_time_window"),
        (ScriptedStripe.meter("messages_used", window: "\"day\""), "day"),
        (ScriptedStripe.meter("messages_used", formula: "count"), "count"),
        (ScriptedStripe.meter("messages_used", status: "inactive"), "inactive"),
        (ScriptedStripe.meter("another"), "no meter"),
    ])
    func `nothing is sent to a meter that is not an active hour sum`(meter: String, why: String) async throws {
        let rig = try await Rig()
        rig.stripe.setMeters([meter])
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let flusher = rig.flusher()
        let report = try await flusher.flush()
        #expect(rig.stripe.events.isEmpty)
        #expect(report.owed == 1)
        #expect(report.waiting.first?.state == "meter_unfit")
        #expect(report.waiting.first?.examples.first?.detail.contains(why) == true)
        rig.stripe.setMeters([ScriptedStripe.meter("messages_used")])
        #expect(try await flusher.flush().acknowledged == 1)
    }

    @Test func `an hour of a meter that the catalogue does not bill waits`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.owe("acme", "tokens", total: 5)
        let report = try await rig.flusher().flush()
        #expect(rig.stripe.events.isEmpty)
        #expect(report.waiting.first?.state == "meter_unfit")
    }

    @Test func `the hour of a period's edge is stamped with the edge, and not before it is past`() async throws {
        let rig = try await Rig()
        let edge = Rig.hour * 3600 + 2400
        try await rig.put("acme", period: (edge, edge + 30 * 86_400))
        try await rig.owe("acme", hour: Rig.hour, total: 5)
        let flusher = rig.flusher()
        #expect(try await flusher.flush().waiting.first?.state == "edge_not_past")
        rig.time.advance(seconds: 600)
        #expect(try await flusher.flush().acknowledged == 1)
        #expect(rig.stripe.events.map(\.timestamp) == [edge])
    }

    @Test func `an hour at the edge of an earlier period is stamped with that edge`() async throws {
        let rig = try await Rig()
        let edge = (Rig.hour - 100) * 3600 + 900
        // The record knows the following period alone: 14 days, the one before began at the edge.
        try await rig.put("acme", period: (edge + 14 * 86_400, edge + 28 * 86_400))
        try await rig.owe("acme", hour: Rig.hour - 100, total: 5)
        _ = try await rig.flusher().flush()
        #expect(rig.stripe.events.map(\.timestamp) == [edge])
    }

    @Test func `an hour older than Stripe takes becomes a dead letter`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.owe("acme", hour: Rig.hour - 36 * 24, total: 5)
        #expect(try await rig.flusher().flush().waiting.first?.state == "dead")
        #expect(rig.stripe.events.isEmpty)
        let partition = rig.store.keys.partition(of: "acme")
        let letter = try #require(
            try await rig.store.deadLetters(partition: partition, after: nil, limit: 2).first?.1)
        #expect(letter.code == "timestamp_too_far_in_past" && letter.total == 5)
    }

    @Test func `without a key everything stays owed, which is said once`() async throws {
        let rig = try await Rig(hasKey: false)
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let flusher = rig.flusher()
        for _ in 1...3 {
            let report = try await flusher.flush()
            #expect(report.owed == 1 && report.sent == 0)
            #expect(report.waiting.map(\.state) == ["no_key"])
        }
        #expect(rig.logs.lines.count == 1)
        #expect(rig.logs.lines.first?.contains("STRIPE_SECRET_KEY") == true)
    }

    @Test func `a meter is read before the first send and then no more for five minutes`() async throws {
        let rig = try await Rig(flushInterval: .milliseconds(20))
        try await rig.put("acme")
        try await rig.owe("acme", total: 1)
        let flusher = rig.flusher()
        let running = Task { await flusher.run() }
        defer { running.cancel() }
        try await eventually("the first total is sent") { rig.stripe.events.count == 1 }
        #expect(rig.stripe.readings == 1)
        try await rig.owe("acme", total: 2)
        try await eventually("the second total is sent") { rig.stripe.events.count == 2 }
        #expect(rig.stripe.readings == 1)
        rig.time.advance(seconds: 301)
        try await rig.owe("acme", total: 3)
        try await eventually("the third total is sent") { rig.stripe.events.count == 3 }
        #expect(rig.stripe.readings == 2)
        await flusher.stop(within: .seconds(5))
    }
}
