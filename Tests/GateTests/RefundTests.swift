import Ledger
import Metering
import RESP
import RedisLink
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct RefundTests {
        private static func counts(_ reply: RESPValue?) -> [Int64] {
            reply?.elements?.compactMap { $0.elements?[1].integer } ?? []
        }

        @Test func `the row of an old hour is made in the ledger and takes over what was consumed then`() async throws {
            try await GateRig.run(.unlimited) { gate in
                try await gate.putYearly()
                let client = try gate.connect()
                #expect(try client.call("RECORD", "acme", "yearly", "1").elements?.count == 1)
                // As when the hour has left the ledger: Redis alone knows of it.
                let day = 86_400 * (try await gate.now() / 86_400)
                let old = day - 10 * 86_400 + 7 * 3600
                try await gate.write(used: 50, hour: old / 3600, holder: gate.holder())
                #expect(Self.counts(try client.call("REFUND", "acme", "yearly", "21")) == [21])
                let row = await gate.onLoop { $0.usageRow("acme", "yearly", hour: old / 3600) }
                #expect(row == [50, 20, 50, 20])
            }
        }

        @Test func `usage is taken also while what Redis knows of refunds is more than what it knows was used`()
            async throws
        {
            try await GateRig.run(.unlimited) { gate in
                try await gate.putYearly()
                let hour = try await gate.now() / 3600
                let client = try gate.connect()
                _ = try client.call("RECORD", "acme", "yearly", "1")
                // As when the ledger that knows what was used is not back yet.
                try await gate.write(used: -100_000, hour: hour, holder: "h9.0.x")
                func take() throws -> Int64? {
                    let answer = try client.call("TAKE", "acme", "yearly", "1").elements
                    #expect(answer?.first?.integer == 1)
                    return answer?[3].integer
                }
                try await eventually("the gate has heard of it") { try take() ?? 0 < 0 }
                for _ in 0..<20 { #expect(try take() ?? 0 < 0) }
            }
        }

        @Test func `what is older than thirty-five days is left alone`() async throws {
            try await GateRig.run(.unlimited) { gate in
                try await gate.putYearly()
                let client = try gate.connect()
                _ = try client.call("RECORD", "acme", "yearly", "1")
                let hour = try await gate.now() / 3600
                try await gate.write(used: 50, hour: hour - 36 * 24, holder: "h9.0.x")
                try await gate.write(used: 7, hour: hour - 34 * 24, holder: "h9.0.x")
                #expect(Self.counts(try client.call("REFUND", "acme", "yearly", "100")) == [8])
            }
        }

        @Test func `a holder that asks again is told what Redis kept, and another is told no hours of it`() async throws
        {
            try await GateRig.run { gate in
                let client = try gate.connect()
                _ = try client.call("RECORD", "acme", "late", "10")
                let first = try client.call("REFUND", "acme", "late", "4", "ID", "k")
                #expect(Self.counts(first) == [4])
                try await GateRig.run(beside: gate) { other in
                    let connection = try other.connect()
                    #expect(try connection.call("REFUND", "acme", "late", "4", "ID", "k") == first)
                    let hour = try await gate.now() / 3600
                    #expect(await other.onLoop { $0.usageRow("acme", "late", hour: hour) } == nil)
                    #expect(await gate.onLoop { $0.usageRow("acme", "late", hour: hour)?[1] } == 4)
                }
            }
        }

        @Test func `a refund by another version of the record reads it first`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                try gate.put("acme", plan: "starter")
                _ = try client.call("RECORD", "acme", "tokens", "120")
                // Written by hand, so that nobody has heard of it.
                let redis = try gate.redis.connect()
                _ = try redis.call("HSET", gate.keys.tenant("acme"), "v", "77", "limit.tokens", "90")
                let reply = try client.call("REFUND", "acme", "tokens", "10")
                #expect(reply.elements?[0].elements?.dropFirst().compactMap(\.integer) == [10, 110, 20])
            }
        }

        @Test func `a key of the wrong type gives nothing back and is said in an error`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                _ = try client.call("LEVEL", "acme", "seats", "3")
                let redis = try gate.redis.connect()
                _ = try redis.call("SET", gate.keys.audit(gate.keys.partition(of: "acme")), "x")
                let reply = try client.call("REFUND", "acme", "seats", "2")
                #expect(reply.errorText == "STORE Redis did not answer within the deadline")
                #expect(try redis.call("HGET", gate.keys.level("acme", "seats"), "used").text == "3")
                _ = try redis.call("DEL", gate.keys.audit(gate.keys.partition(of: "acme")))
                #expect(Self.counts(try client.call("REFUND", "acme", "seats", "2")) == [2])
            }
        }

        @Test func `a client that has gone is given back what it asked for, and nobody is answered`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                _ = try client.call("RECORD", "acme", "late", "10")
                gate.redis.freeze()
                do {
                    let gone = try gate.connect()
                    try gone.send(raw: "REFUND acme late 3\r\n")
                    try await eventually("it is under way") { gate.metrics.value(.waiting) == 1 }
                }
                gate.redis.thaw()
                try await eventually("it is over") { gate.metrics.value(.waiting) == 0 }
                #expect(Self.counts(try client.call("REFUND", "acme", "late", "20")) == [7])
            }
        }
    }
}

extension GateRig {
    /// Redis's clock, in unix seconds.
    fileprivate func now() async throws -> Int64 { await onLoop { $0.redisSecond } }

    /// A tenant in the middle of a year that it has subscribed for.
    fileprivate func putYearly() async throws {
        let now = try await now()
        try put("acme", plan: "all") { record in
            try? record.setPeriod(start: now - 180 * 86_400, end: now + 185 * 86_400)
        }
    }

    fileprivate func holder() async throws -> String { await onLoop { $0.holder } }

    /// Writes usage of the meter `yearly` as another holder, or this one long ago, had told it.
    fileprivate func write(used: Int64, hour: Int64, holder: String) async throws {
        let client = try redis.connect()
        let period = await onLoop { $0.yearlyPeriod("acme") }
        let day = keys.day("acme", "yearly", day: hour / 24)
        _ = try client.call("HSET", day, "\(KeySpace.hourOfDay(hour)):\(holder)", String(used))
        // What was recorded here is told first, so that both add up.
        try await eventually("Redis was told what was used") {
            try client.call("HGET", keys.usage("acme", "yearly", period: period), "used").text != nil
        }
        _ = try client.call("HINCRBY", keys.usage("acme", "yearly", period: period), "used", String(used))
    }
}

extension GateServer {
    /// What the ledger has of an hour: consumed, refunded, and of both what Redis has.
    fileprivate func usageRow(_ tenant: String, _ meter: String, hour: Int64) -> [Int64]? {
        let ledger = book.ledger
        guard let index = rules.catalogue.meters.firstIndex(where: { $0.name == meter }),
            let entry = directory.known(tenant)
        else { return nil }
        let period = book.terms(entry, index, at: redisSecond).period
        let place = SlotPlace.usage(periodStart: UInt32(period.start / 60), hour: UInt32(hour))
        let pair = ledger.tenantHash(Array(tenant.utf8).span).pair(ledger.meterHash(Array(meter.utf8).span))
        guard let row = ledger.find(pair.key(place)) else { return nil }
        let usage = ledger.usage(row)
        return [usage.consumed, usage.refunded, usage.settledConsumed, usage.settledRefunded]
    }

    fileprivate func yearlyPeriod(_ tenant: String) -> Int64 {
        directory.known(tenant).map { book.terms($0, 0, at: redisSecond).period.start } ?? 0
    }
}

extension Catalogue {
    /// One counter that runs for as long as the subscription does.
    fileprivate static let unlimited = Catalogue(
        meters: [Meter(name: "yearly", kind: .counter, cycle: .period)],
        plans: [Plan(slug: "all", name: "All", limits: ["yearly": Limit(value: Amount.unlimited)])])
}
