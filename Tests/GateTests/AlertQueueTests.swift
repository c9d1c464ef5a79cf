import Metering
import RESP
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct AlertQueueTests {
        private static let catalogue = Catalogue(
            meters: [Meter(name: "units", kind: .counter, cycle: .month)],
            plans: [Plan(slug: "p", name: "P", limits: ["units": Limit(value: 10, alerts: Threshold.standard)])],
            defaultPlan: "p")

        private final class Watcher: ThresholdWatcher {
            var watch = ThresholdWatch(Limit(value: 10, alerts: Threshold.standard), isLevel: false)
        }

        @Test func `a crossing is counted once, and its total is not looked at again`() async throws {
            try await GateRig.run(Self.catalogue) { gate in
                try gate.put("acme", plan: "p")
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "units", "8")
                try await eventually("it was told") { gate.metrics.value(.thresholdsCrossed) == 1 }
                _ = try client.call("TAKE", "acme", "units", "1")
                try await eventually("Redis has all of it") {
                    await gate.onLoop { server in
                        server.alerts.isIdle && server.book.active.allSatisfy { $0.lease.unacknowledged == 0 }
                    }
                }
                #expect(gate.metrics.value(.thresholdsCrossed) == 1)
            }
        }

        @Test func `what finds no room is put off until it is heard of again`() async throws {
            try await GateRig.run(Self.catalogue) { gate in
                let isAsking = await gate.onLoop { server in
                    let queue = AlertQueue(server: server, mostWaiting: 0)
                    let watcher = Watcher()
                    let entry = server.directory.entry(for: Array("acme".utf8).span)
                    let slot = entry.slot(0, at: server.redisSecond, server.rules)
                    queue.ask(watcher) { AlertSubject(slot, "units", entry) }
                    return watcher.watch.isAsking
                }
                #expect(!isAsking && gate.metrics.value(.thresholdsPutOff) == 1)
            }
        }

        @Test func `a look that Redis did not answer is made again when it is back`() async throws {
            try await GateRig.run(Self.catalogue) { gate in
                try gate.put("acme", plan: "p")
                let client = try gate.connect()
                _ = try client.call("TAKE", "acme", "units", "1")
                gate.redis.freeze()
                _ = try client.call("RECORD", "acme", "units", "8")
                gate.redis.thaw()
                try await eventually("it was told") { gate.metrics.value(.thresholdsCrossed) == 1 }
            }
        }
    }
}
