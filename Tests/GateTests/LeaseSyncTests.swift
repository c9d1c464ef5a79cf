import Metering
import RESP
import Reactor
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct LeaseSyncTests {
        private static let minutes = Catalogue(
            meters: [Meter(name: "messages", kind: .counter, cycle: .minute)],
            plans: [Plan(slug: "starter", name: "Starter", limits: ["messages": Limit(value: Amount.unlimited)])])

        @Test func `each minute's usage is told whole, whether the lease before it had come to rest or not`()
            async throws
        {
            try await GateRig.run(Self.minutes) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                #expect(try client.call("CHECK", "acme", "messages").elements?[1].text == "ok")
                // Of an hour to come, so that no minute of it is over.
                let start = await gate.onLoop { ($0.redisSecond / 3600 + 1) * 3600 }
                await gate.onLoop { server in
                    server.count(5, at: start)
                    // The minute before is not told yet.
                    server.count(4, at: start + 60)
                }
                try await eventually("the second minute's lease is at rest") { await gate.onLoop { $0.isAtRest } }
                await gate.onLoop { $0.count(3, at: start + 120) }
                try await eventually("the third minute's lease is at rest") { await gate.onLoop { $0.isAtRest } }
                let redis = try gate.redis.connect()
                for (minute, used) in [(0, "5"), (1, "4"), (2, "3")] as [(Int64, String)] {
                    let key = gate.keys.usage("acme", "messages", period: start + minute * 60)
                    #expect(try redis.call("HGET", key, "used").text == used, "minute \(minute)")
                }
            }
        }
    }
}

extension GateServer {
    /// The first lease of the tenant of these tests.
    fileprivate var lease: HeldLease? { directory.known("acme")?.leases.compactMap { $0 }.first }

    fileprivate var isAtRest: Bool { lease.map { $0.place < 0 } ?? false && book.active.isEmpty }

    /// Counts usage as of this second of Redis's clock.
    fileprivate func count(_ amount: Int64, at second: Int64) {
        guard let entry = directory.known("acme"), let held = book.held(entry, 0, at: second) else { return }
        book.spend(amount, held, isAlways: true)
    }
}
