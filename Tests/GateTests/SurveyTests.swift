import Metering
import RESP
import Reactor
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct SurveyTests {
        /// Three tenants on one counter, `c` without a limit. `b` has used most, and `c` is spent fastest.
        private static func use(_ gate: GateRig) async throws -> GateClient {
            try gate.put("a", plan: "starter")
            try gate.put("b", plan: "starter", version: 2) { $0.limits["messages"] = 50 }
            try gate.put("c", plan: "plus", version: 3)
            let client = try gate.connect()
            for (tenant, amount) in [("a", "1"), ("b", "30"), ("c", "1")] {
                #expect(try client.call("RECORD", tenant, "messages", amount).errorText == nil)
            }
            // A rate is known from the second measure on, and the first ends with a sync.
            try await eventually("Redis has all of it") {
                await gate.onLoop { server in server.book.active.allSatisfy { $0.lease.unacknowledged == 0 } }
            }
            for (tenant, amount) in [("a", "9"), ("b", "1"), ("c", "20")] {
                #expect(try client.call("TAKE", tenant, "messages", amount).elements?[0].integer == 1)
            }
            return client
        }

        private static func survey(
            _ gate: GateRig, _ order: SurveyRequest.Order, _ limit: Int = 10
        ) async -> LeaseSurvey? {
            await withCheckedContinuation { continuation in
                Task {
                    await gate.onLoop { server in
                        let request = SurveyRequest(order: order, limit: limit)
                        server.receive(.survey(request, done: { continuation.resume(returning: $0) }))
                    }
                }
            }
        }

        @Test func `what is spent fastest comes first, or what is nearest its limit`() async throws {
            try await GateRig.run { gate in
                _ = try await Self.use(gate)
                let byRate = try #require(await Self.survey(gate, .rate))
                #expect(byRate.readings.map(\.key.tenant) == ["c", "a", "b"])
                #expect(byRate.readings[0].rate > byRate.readings[1].rate)
                #expect(byRate.seen == 3 && !byRate.isCut)
                let byShare = try #require(await Self.survey(gate, .share))
                #expect(byShare.readings.map(\.key.tenant) == ["b", "a"], "c has no limit to be near to")
                let b = byShare.readings[0]
                #expect(b.key.meter == "messages" && b.used == 31 && b.limit == 50 && b.share == 0.62)
                #expect(b.rate > 0 && b.waiting == 0 && b.periodEnd > b.key.period)
                #expect(try #require(await Self.survey(gate, .rate, 1)).readings.map(\.key.tenant) == ["c"])
            }
        }

        @Test func `a lease that nobody looks after any more is seen too`() async throws {
            try await GateRig.run { gate in
                let client = try await Self.use(gate)
                try await eventually("all leases are at rest") {
                    let isAtRest = await gate.onLoop { $0.book.active.isEmpty }
                    return isAtRest
                }
                let survey = try #require(await Self.survey(gate, .share))
                #expect(survey.readings.map(\.used) == [31, 10])
                #expect(survey.readings.allSatisfy { $0.unsettled == 0 && $0.unspent == 0 })
                #expect(try client.call("CHECK", "d", "messages").elements?[0].integer == 1)
                #expect(try #require(await Self.survey(gate, .rate)).seen == 3, "to look at a tenant leases nothing")
            }
        }

        @Test func `no more is looked at than the bound, and that is said`() async throws {
            try await GateRig.run { gate in
                _ = try await Self.use(gate)
                let survey = await gate.onLoop { server in
                    var found: LeaseSurvey?
                    let surveyor = LeaseSurveyor(server: server, mostLooked: 2)
                    surveyor.survey(SurveyRequest(order: .rate, limit: 10)) { found = $0 }
                    return found
                }
                #expect(survey?.readings.count == 2 && survey?.seen == 2 && survey?.isCut == true)
            }
        }

        @Test func `who asks a gate that ends, or asks with too many, is let go`() async throws {
            try await GateRig.run { gate in
                _ = try await Self.use(gate)
                let (refused, letGo) = await gate.onLoop { server in
                    var ended = 0
                    let surveyor = LeaseSurveyor(server: server, mostInStep: 1)
                    for _ in 0..<20 {
                        surveyor.survey(SurveyRequest(order: .rate, limit: 1)) { if $0 == nil { ended += 1 } }
                    }
                    let refused = ended
                    surveyor.close()
                    return (refused, ended)
                }
                // One is under way, and sixteen wait for the next look.
                #expect(refused == 3 && letGo == 20)
            }
            await confirmation { isLetGo in
                GateServer.Message.survey(SurveyRequest(order: .rate, limit: 1), done: { if $0 == nil { isLetGo() } })
                    .dismiss()
            }
        }
    }
}

@Suite struct `A ranking` {
    private final class Member {
        let number: Int

        init(_ number: Int) { self.number = number }
    }

    @Test(arguments: [0, 1, 2, 7, 100])
    func `keeps the best of all that are offered, each once`(limit: Int) {
        var random = SeededRandom(seed: UInt64(limit) + 1)
        let members = (0..<60).map { Member($0) }.shuffled(using: &random)
        var ranking = Ranking<Member>(limit: limit)
        for member in members + members.prefix(20) {
            ranking.offer(member, (Double(member.number / 2), Int64(member.number)))
        }
        #expect(ranking.members.map(\.number).sorted(by: >) == (0..<60).reversed().prefix(limit).map { $0 })
    }
}
