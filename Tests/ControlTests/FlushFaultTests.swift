import Billing
import HTTPLink
import RedisLink
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite struct FlushFaultTests {
    @Test func `an event that exists already counts as delivered`() async throws {
        let rig = try await Rig()
        rig.stripe.setScript {
            ScriptedStripe.refused(400, "An event already exists with identifier \($0.identifier).")
        }
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        #expect(try await rig.flusher().flush().acknowledged == 1)
        #expect(try await rig.owed("acme").isEmpty)
    }

    @Test func `a refusal makes the hour a dead letter with Stripe's words, and other tenants are sent`() async throws {
        let rig = try await Rig()
        rig.stripe.setScript {
            $0.payload["stripe_customer_id"] == "cus_bad"
                ? ScriptedStripe.refused(400, "No such customer") : ScriptedStripe.accepted($0)
        }
        for tenant in ["bad", "good"] {
            try await rig.put(tenant)
            for age in 1...3 { try await rig.owe(tenant, hour: Rig.hour - Int64(age), total: 5) }
        }
        let flusher = rig.flusher()
        let report = try await flusher.flush()
        #expect(report.acknowledged == 3 && report.failed == 3 && report.owed == 0)
        #expect(report.failures.first?.detail.contains("No such customer") == true)
        #expect(report.waiting.map(\.state) == ["dead"])
        let partition = rig.store.keys.partition(of: "bad")
        let letters = try await rig.store.deadLetters(partition: partition, after: nil, limit: 10)
        #expect(letters.map(\.0.hour) == [Rig.hour - 3, Rig.hour - 2, Rig.hour - 1])
        #expect(letters.allSatisfy { $0.1.message == "No such customer" && $0.1.total == 5 })
        #expect(letters.allSatisfy { $0.1.at == Rig.hour * 3600 + 1800 })
        // What is used there later makes it no less dead: it is not sent again.
        try await rig.owe("bad", hour: Rig.hour - 1, total: 8)
        #expect(try await flusher.flush().waiting.map(\.state) == ["dead"])
        #expect(rig.stripe.events.count == 6)
        #expect(try await rig.owed("bad").isEmpty)
        // An operator put it right.
        rig.stripe.setScript { ScriptedStripe.accepted($0) }
        for (key, _) in letters {
            #expect(try await rig.store.revive(key, form: .total, noting: .test))
        }
        #expect(try await flusher.flush().acknowledged == 3)
        #expect(try await rig.store.deadCounts().reduce(0, +) == 0)
        #expect(rig.logs.lines.filter { $0.contains("No such customer") }.count == 3)
    }

    @Test(arguments: [true, false])
    func `a send without an answer keeps the hour marked, one that never left does not`(wasSent: Bool) async throws {
        let rig = try await Rig()
        rig.stripe.setScript { _ in ScriptedStripe.lost(sent: wasSent) }
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let flusher = rig.flusher()
        let report = try await flusher.flush()
        #expect(report.failed == 1 && report.acknowledged == 0 && report.owed == 1)
        let hour = try #require(try await rig.owed("acme").first)
        #expect((hour.sendingUntil != nil) == wasSent)
        rig.stripe.setScript { ScriptedStripe.accepted($0) }
        let next = try await flusher.flush()
        #expect(next.acknowledged == (wasSent ? 0 : 1))
        #expect(next.waiting.map(\.state) == (wasSent ? ["sending"] : []))
    }

    @Test func `after its mark has run out an unanswered hour is sent once more under another identifier`() async throws
    {
        let rig = try await Rig(sendMark: .milliseconds(150))
        rig.stripe.setScript { _ in ScriptedStripe.lost(sent: true) }
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let flusher = rig.flusher()
        _ = try await flusher.flush()
        rig.stripe.setScript { ScriptedStripe.accepted($0) }
        try await eventually("the hour is sent once more") { try await flusher.flush().acknowledged == 1 }
        #expect(rig.stripe.events.count == 2)
        #expect(Set(rig.stripe.events.map(\.identifier)).count == 2)
        #expect(try await rig.owed("acme").isEmpty)
    }

    @Test func `a send under way elsewhere is not doubled`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: Rig.hour - 1)
        try await rig.mark(key)
        let report = try await rig.flusher().flush()
        #expect(rig.stripe.events.isEmpty)
        #expect(report.waiting.map(\.state) == ["sending"])
    }

    @Test(arguments: [401, 403])
    func `a refused key stops the round with one line in the log`(status: Int) async throws {
        let rig = try await Rig()
        rig.stripe.setScript { _ in ScriptedStripe.refused(status, "Invalid API Key provided") }
        for number in 1...40 {
            try await rig.put("t\(number)")
            try await rig.owe("t\(number)", total: 1)
        }
        let flusher = rig.flusher()
        for _ in 1...2 {
            let report = try await flusher.flush()
            #expect(report.stopped?.contains("Invalid API Key") == true)
            #expect(report.owed == 40)
        }
        #expect(rig.stripe.events.count <= 2 * rig.configuration.sendsAtOnce)
        #expect(rig.logs.lines.count == 1)
        rig.stripe.setScript { ScriptedStripe.accepted($0) }
        #expect(try await flusher.flush().acknowledged == 40)
    }

    @Test func `a key that may not read meters stops the round before anything is sent`() async throws {
        let rig = try await Rig()
        rig.stripe.setMeterAnswer(ScriptedStripe.refused(401, "Invalid API Key provided"))
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let report = try await rig.flusher().flush()
        #expect(rig.stripe.events.isEmpty)
        #expect(report.stopped?.contains("Invalid API Key") == true)
        #expect(report.owed == 1)
    }

    @Test(arguments: [true, false])
    func `how long the books stay open is known while Stripe is away and while hours are held`(isAway: Bool)
        async throws
    {
        let rig = try await Rig()
        if isAway {
            rig.stripe.setMeterAnswer(ScriptedStripe.lost(sent: false))
        } else {
            rig.stripe.setMeters([])
        }
        let end = Rig.hour * 3600
        try await rig.put("acme", period: (end - 30 * 86_400, end))
        try await rig.put("running", period: (end, end + 30 * 86_400))
        try await rig.owe("acme", total: 5)
        try await rig.owe("running", hour: Rig.hour, total: 5)
        let flusher = rig.flusher()
        #expect(try await flusher.flush().owed == 2)
        let status = await flusher.status
        #expect(status.booksClose == end + 3600 - 300)
        #expect(status.oldestOwed == Rig.hour - 1)
        // Once they are closed nothing of the period is urgent any more.
        rig.time.advance(seconds: 3600)
        rig.stripe.setMeterAnswer(nil)
        _ = try await flusher.flush()
        #expect(await flusher.status.booksClose == nil)
    }

    @Test func `an outage makes later rounds wait, and an asked round tries at once`() async throws {
        let rig = try await Rig()
        rig.stripe.setScript { _ in ScriptedStripe.lost(sent: false) }
        for number in 1...20 {
            try await rig.put("t\(number)")
            try await rig.owe("t\(number)", total: 1)
        }
        let flusher = rig.flusher()
        let report = try await flusher.flush()
        #expect(report.stopped?.contains("no connection") == true)
        #expect(rig.stripe.events.count <= rig.configuration.sendsAtOnce)
        let states = try await flusher.states(of: try await rig.owed("t1"))
        #expect(states.map(\.name) == ["backing_off"])
        rig.stripe.setScript { ScriptedStripe.accepted($0) }
        #expect(try await flusher.flush().acknowledged == 20)
    }

    @Test func `at most so many sends are under way at once, and one for each tenant`() async throws {
        let rig = try await Rig()
        let meter = Crowd()
        rig.stripe.setScript { event in
            await meter.enter(event.payload["stripe_customer_id"] ?? "")
            // Lets the others come in, if anything lets them.
            for _ in 0..<50 { await Task.yield() }
            await meter.leave(event.payload["stripe_customer_id"] ?? "")
            return ScriptedStripe.accepted(event)
        }
        for number in 1...30 {
            try await rig.put("t\(number)")
            for age in 1...2 { try await rig.owe("t\(number)", hour: Rig.hour - Int64(age), total: 1) }
        }
        #expect(try await rig.flusher().flush().acknowledged == 60)
        #expect(await meter.most <= rig.configuration.sendsAtOnce)
        #expect(await meter.most > 1)
        #expect(await meter.mostOfOne == 1)
    }

    @Test func `Redis away ends the round with an error, and the next works`() async throws {
        let rig = try await Rig(redisOptions: ["appendonly yes"])
        try await rig.put("acme")
        try await rig.owe("acme", total: 5)
        let flusher = rig.flusher()
        rig.redis.kill()
        await #expect(throws: StoreError.self) { try await flusher.flush() }
        try await rig.redis.restart()
        try await eventually("a round works again") {
            do {
                // A round whose last answer came late has acknowledged it as well.
                let isAcknowledged = try await flusher.flush().acknowledged == 1
                return try await rig.store.owedCounts().reduce(0, +) == 0 || isAcknowledged
            } catch {
                return false
            }
        }
        #expect(rig.logs.lines.contains { $0.hasPrefix("error") && $0.contains("Redis") })
    }

    @Test func `a stop waits for the send under way and begins no other`() async throws {
        let rig = try await Rig()
        let gate = Gate()
        rig.stripe.setScript { event in
            await gate.pass()
            return ScriptedStripe.accepted(event)
        }
        try await rig.put("acme")
        for age in 1...3 { try await rig.owe("acme", hour: Rig.hour - Int64(age), total: 5) }
        let flusher = rig.flusher()
        let round = Task { try await flusher.flush() }
        try await eventually("the first hour is under way") { rig.stripe.events.count == 1 }
        let stop = Task { await flusher.stop(within: .seconds(30)) }
        try await eventually("the stop is known") { await flusher.isStopping }
        await gate.open()
        await stop.value
        let report = try await round.value
        #expect(report.acknowledged == 1 && report.owed == 2)
        #expect(rig.stripe.events.count == 1)
    }
}

extension FlushFaultTests {
    @Test func `a stop cuts a send that takes too long, and its hour stays owed and marked`() async throws {
        let rig = try await Rig()
        rig.stripe.setScript { _ in
            // Ends when it is cut, as the HTTP client's transfers do.
            do { try await Task.sleep(for: .seconds(300)) } catch { return ScriptedStripe.lost(sent: true) }
            return ScriptedStripe.lost(sent: true)
        }
        try await rig.put("acme")
        for age in 1...2 { try await rig.owe("acme", hour: Rig.hour - Int64(age), total: 5) }
        let flusher = rig.flusher()
        let round = Task { try await flusher.flush() }
        try await eventually("the first hour is under way") { rig.stripe.events.count == 1 }
        await flusher.stop(within: .milliseconds(20))
        let report = try await round.value
        #expect(report.failed == 1 && report.owed == 2)
        #expect(try await rig.owed("acme").map { $0.sendingUntil != nil } == [true, false])
    }
}

/// Counts who is inside.
private actor Crowd {
    private var inside: [String: Int] = [:]
    private(set) var most = 0
    private(set) var mostOfOne = 0

    func enter(_ name: String) {
        inside[name, default: 0] += 1
        most = max(most, inside.values.reduce(0, +))
        mostOfOne = max(mostOfOne, inside[name] ?? 0)
    }

    func leave(_ name: String) { inside[name, default: 0] -= 1 }
}

/// Holds up whoever comes until it is opened.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
