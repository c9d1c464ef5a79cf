import Metering
import RESP
import TestSupport
import Testing

@testable import Gate
@testable import RedisLink

extension GateSuite {
    @Suite struct SpendScriptTests {
        private static let meters = [
            ModelMeter(name: "a", kind: .counter, isBilled: true), ModelMeter(name: "b", kind: .counter),
            ModelMeter(name: "c", kind: .counter, isBilled: true),
            ModelMeter(name: "fast", kind: .rate, interval: 700),
            ModelMeter(name: "slow", kind: .rate, interval: 3_600_000_000),
            ModelMeter(name: "seats", kind: .level),
        ]
        private static let tenants =
            [ModelTenant(name: "acme", version: "7")] + (0..<4).map { ModelTenant(name: "stranger\($0)", version: "") }

        @Test func `the script decides random histories as the model does`() async throws {
            var random = SeededRandom(for: "histories of the script")
            for _ in 0..<3 { try await runHistory(&random) }
        }

        private func runHistory(_ random: inout SeededRandom) async throws {
            let bench = try await ScriptBench(maxStrangers: 2)
            try bench.putRecord("acme", version: "7")
            var model = SpendModel(periodEnd: bench.periodEnd, maxStrangers: bench.maxStrangers)
            var instants: [Int64] = [0]
            for number in 0..<500 {
                if Int.random(in: 0..<5, using: &random) == 0 { try Self.lease(bench, &model, &random) }
                if Int.random(in: 0..<10, using: &random) == 0 { try Self.turnLife(bench, &model, &random) }
                let calls = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.randomCall(instants, &random) }
                let before = try bench.digest()
                let answers = try bench.run(calls)
                instants.append(answers[0][1])
                for (call, answer) in zip(calls, answers) {
                    let expected = Self.comparable(model.decide(call, now: answer[1]), call)
                    guard Self.comparable(answer, call) == expected else {
                        Issue.record("calls \(number), \(call): the script says \(answer), the model \(expected)")
                        return
                    }
                }
                if zip(calls, answers).allSatisfy(Self.isWithoutTrace) {
                    #expect(try bench.digest() == before, "calls that count nothing changed a key: \(calls)")
                }
            }
            try bench.compare(with: model)
            try bench.checkLifetimes()
        }

        /// Leases something of a counter to somebody, or nothing any more.
        private static func lease(
            _ bench: ScriptBench, _ model: inout SpendModel, _ random: inout SeededRandom
        ) throws {
            let place = SpendModel.Place(
                tenant: tenants[Int.random(in: 0..<tenants.count, using: &random)].name,
                meter: meters[Int.random(in: 0..<3, using: &random)].name)
            // Who has used nothing has no key, whose lifetime would be another's matter.
            guard model.totals[place] != nil else { return }
            let held = Int64.random(in: 0...9, using: &random)
            model.held[place] = held
            _ = try bench.client.call("HSET", bench.key(.counter, place.meter, place.tenant), "held", String(held))
        }

        /// Learns, forgets, or comes into another run.
        private static func turnLife(
            _ bench: ScriptBench, _ model: inout SpendModel, _ random: inout SeededRandom
        ) throws {
            model.hasLearned = Bool.random(using: &random)
            let isOther = !model.hasLearned && Bool.random(using: &random)
            try bench.setLife(
                run: isOther ? "run2" : ScriptBench.run, until: model.hasLearned || isOther ? 0 : 5)
        }

        @Test(arguments: [false, true])
        func `what is leased is not taken again, but may be recalled and recorded over`(isShort: Bool) async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            try bench.putRecord("acme", version: "7")
            let usage = bench.key(.counter, "b", "acme")
            _ = try bench.client.call("HSET", usage, "held", "4")
            func call(_ command: Character, _ n: Int64, mode: UInt8 = 0, key: String? = nil) throws -> [Int64] {
                let items = [
                    ScriptCall.Item(meter: Self.meters[1], n: n, limit: 10, bound: 10, mode: mode)
                ]
                let call = ScriptCall(
                    tenant: Self.tenants[0], command: command, items: items, isLate: false, version: "7", refusal: 0,
                    idempotencyKey: key, isShort: isShort && command != "C" && mode == 0 && key == nil)
                return [try bench.run(call)].map { [$0[0]] + $0.dropFirst(2) }[0]
            }
            #expect(try call("T", 6).contains(6))
            let before = try bench.digest()
            #expect(try call("T", 1) == [10, 1])
            #expect(try call("T", 1, key: "k") == [10, 1])
            #expect(try Array(call("C", 4).prefix(4)) == [0, 1, 10, 0])
            #expect(try Array(call("T", 5).prefix(4)) == [0, 0, 6, 4], "nothing given back would make it fit")
            #expect(try bench.digest() == before)
            #expect(try call("T", 1, mode: 2).contains(7), "a shadow limit refuses nobody")
            #expect(try call("R", 2).contains(9))
            #expect(try bench.client.call("HGET", usage, "held").text == "4")
        }

        @Test(arguments: [false, true])
        func `a total that can be no larger refuses by its limit, if it has one`(isShort: Bool) async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            try bench.putRecord("acme", version: "7")
            let usage = bench.key(.counter, "b", "acme")
            _ = try bench.client.call("HSET", usage, "used", String(Amount.largest))
            let before = try bench.digest()
            func take(bound: Int64) throws -> [Int64] {
                let item = ScriptCall.Item(meter: Self.meters[1], n: 1, limit: bound, bound: bound, mode: 0)
                let call = ScriptCall(
                    tenant: Self.tenants[0], command: "T", items: [item], isLate: false, version: "7", refusal: 0,
                    idempotencyKey: nil, isShort: isShort)
                let answer = try bench.run([call])[0]
                return [answer[0]] + answer.dropFirst(2)
            }
            #expect(try Array(take(bound: 10).prefix(4)) == [0, 0, Amount.largest, 4])
            #expect(try take(bound: -1) == [4, 1])
            #expect(try bench.digest() == before)
        }

        /// The short form says no more of what was counted than how much is used, and on which row.
        private static func comparable(_ answer: [Int64], _ call: ScriptCall) -> [Int64] {
            guard call.isShort else { return answer }
            if answer[0] == 8 { return Array(answer[2...]) }
            let isCounted = answer[0] == 0 && (answer[2] == 1 || call.command == "R")
            return isCounted ? [answer[3]] + answer[6...] : answer
        }

        @Test func `a record known to be current is looked at again once any record has changed`() async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            let item = ScriptCall.Item(meter: Self.meters[0], n: 2, limit: 9, bound: 9, mode: 0)
            let call = ScriptCall(
                tenant: Self.tenants[0], command: "T", items: [item], isLate: false, version: "7", refusal: 0,
                idempotencyKey: nil, isShort: true, isKnownCurrent: true)
            #expect(try Array(bench.run([call, call])[1].dropFirst(2)) == [4, SpendModel.hour, 4])
            let before = try bench.digest()
            #expect(try bench.run([call], records: "76")[0][0] == 9)
            #expect(try bench.digest() == before)
        }

        @Test func `an answer given again tells its rows to the holder they belong to, and to no other`() async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            try bench.putRecord("acme", version: "7")
            let items = [
                ScriptCall.Item(meter: Self.meters[0], n: 2, limit: 9, bound: 9, mode: 0),
                ScriptCall.Item(meter: Self.meters[1], n: 3, limit: -1, bound: -1, mode: 0),
                ScriptCall.Item(meter: Self.meters[4], n: 1, limit: 5, bound: 5, mode: 0),
            ]
            func answer(_ holder: String, _ key: String) throws -> [Int64] {
                let call = ScriptCall(
                    holder: holder, tenant: Self.tenants[0], command: "T", items: items, isLate: false, version: "7",
                    refusal: 0, idempotencyKey: key)
                return try Array(bench.run(call).dropFirst(2))
            }
            let first = try answer("h1", "one")
            let decided: [Int64] = [1, 2, 0, 0, 3, 0, 0, 1, 0, 0, 9, -1, 5]
            #expect(first == decided + [SpendModel.hour, 2, SpendModel.hour, 3, 0, 0])
            #expect(try answer("h1", "two").suffix(6) == [SpendModel.hour, 4, SpendModel.hour, 6, 0, 0])
            #expect(try answer("h1", "one") == first)
            #expect(try answer("h10", "one") == decided + [0, 0, 0, 0, 0, 0])
        }

        @Test func `usage tells what open reservations of all holders hold, and only those`() async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            try bench.putRecord("acme", version: "7")
            let usage = bench.key(.counter, "b", "acme")
            func state(_ holder: String, _ reserved: Double, until: Double) throws {
                let row = [90, 0, 20, reserved, until, 0, 0].flatMap { number in
                    withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { Array($0) }
                }
                var output = OutputBuffer()
                output.appendCommand(argumentCount: 4)
                for word in [Array("HSET".utf8), Array(usage.utf8), Array(":\(holder)".utf8), row] {
                    output.appendArgument(word.span)
                }
                try bench.client.send(raw: output.withReadable { span in span.indices.map { span[$0] } })
                _ = try bench.client.read()
            }
            let later = Double(bench.periodEnd)
            try state("h1.0.1", 7, until: later)
            try state("h2.0.1", 5, until: later)
            try state("h3.0.1", 100, until: 1)
            _ = try bench.client.call("HSET", usage, "used", "40", "held", "70")
            let items = [
                ScriptCall.Item(meter: Self.meters[1], n: 0, limit: 30, bound: 30, mode: 0),
                ScriptCall.Item(meter: Self.meters[0], n: 0, limit: 0, bound: 0, mode: 3),
            ]
            let call = ScriptCall(
                tenant: Self.tenants[0], command: "U", items: items, isLate: false, version: "7", refusal: 0,
                idempotencyKey: nil)
            let before = try bench.digest()
            #expect(try Array(bench.run(call).dropFirst(2)) == [1, 40, 0, 12, 0, 0, 0, 0, 0, 0, 0])
            #expect(try bench.digest() == before)
        }

        private static func isWithoutTrace(_ call: ScriptCall, _ answer: [Int64]) -> Bool {
            if answer[0] == 8 { return false }
            let isReading = call.command == "C" || call.command == "U"
            let isRefusal = answer[0] != 0 || (answer[2] <= 0 && !call.isAlwaysCounted) || isReading
            return isRefusal && (call.idempotencyKey == nil || answer[0] != 0 || call.tenant.isStranger)
        }

        @Test func `a call that Redis refuses is not another's failure`() async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            try bench.putRecord("acme", version: "7")
            _ = try bench.client.call("SET", bench.key(.counter, "b", "acme"), "no hash")
            func take(_ meter: ModelMeter, isShort: Bool) -> ScriptCall {
                let item = ScriptCall.Item(meter: meter, n: 1, limit: 9, bound: 9, mode: 0)
                return ScriptCall(
                    tenant: Self.tenants[0], command: "T", items: [item], isLate: false, version: "7", refusal: 0,
                    idempotencyKey: nil, isShort: isShort)
            }
            for isShort in [false, true] {
                let good = take(Self.meters[0], isShort: isShort)
                let error = #expect(throws: TestFailure.self) {
                    try bench.run([good, take(Self.meters[1], isShort: isShort), good])
                }
                #expect(error?.description.hasPrefix("WRONGTYPE") == true)
            }
            #expect(try bench.client.call("HGET", bench.key(.counter, "a", "acme"), "used").text == "4")
        }

        private static func randomCall(_ instants: [Int64], _ random: inout SeededRandom) -> ScriptCall {
            let tenant = tenants[Int.random(in: 0..<tenants.count, using: &random)]
            let command = Array("CTTTRLU")[Int.random(in: 0..<7, using: &random)]
            let isCounted = command == "R" || command == "L"
            let chosen =
                command == "L"
                ? [meters[5]] : Array(meters.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
            var items = chosen.map { randomItem($0, isCounted: isCounted, isReading: command == "U", &random) }
            func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
            let isKeyed = command != "L" && command != "C" && command != "U" && oneIn(4)
            for index in items.indices where command == "T" && !isKeyed && items[index].meter.kind == .rate {
                items[index].wanted = oneIn(2) ? 0 : Int64.random(in: 1...40, using: &random)
                items[index].returned = oneIn(2) ? 0 : Int64.random(in: 1...9, using: &random)
                // Mostly of late, when something may have been granted.
                let recent = oneIn(3) ? instants[...] : instants.suffix(5)
                items[index].returnedFrom = recent.randomElement(using: &random) ?? 0
            }
            let isRefused = !isCounted && oneIn(20)
            var call = ScriptCall(
                tenant: tenant, command: command, items: isRefused ? [] : items, isLate: oneIn(15),
                version: oneIn(15) ? "6" : tenant.version, refusal: isRefused ? 2 : 0,
                idempotencyKey: isKeyed ? "k\(Int.random(in: 0..<40, using: &random))" : nil)
            call.holder = oneIn(2) ? "h1" : "h2.0.7"
            call.isShort = call.mayBeShort && oneIn(2)
            call.isKnownCurrent = call.isShort && call.version == tenant.version && oneIn(2)
            return call
        }

        private static func randomItem(
            _ meter: ModelMeter, isCounted: Bool, isReading: Bool, _ random: inout SeededRandom
        ) -> ScriptCall.Item {
            let huge = Int.random(in: 0..<60, using: &random) == 0
            let n =
                isReading
                ? 0
                : huge
                    ? Amount.largest - Int64.random(in: 0...3, using: &random) : Int64.random(in: 0...6, using: &random)
            var limit = [-1, 0, 1, 5, 30, 200, 2000][Int.random(in: 0..<7, using: &random)] as Int64
            var mode = UInt8.random(in: 0...3, using: &random)
            if mode == 3 {
                limit = 0
                if isCounted { mode = 0 }
            }
            var bound = limit
            if meter.kind == .rate {
                bound = max(1, limit + Int64.random(in: -1...3, using: &random))
                if mode == 1 { mode = 0 }
            } else if mode == 1 {
                bound = limit < 0 || Bool.random(using: &random) ? -1 : limit + Int64.random(in: 0...20, using: &random)
            }
            return ScriptCall.Item(meter: meter, n: n, limit: limit, bound: bound, mode: mode)
        }

        @Test(arguments: [false, true])
        func `totals stay exact up to fifteen digits`(isShort: Bool) async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            try bench.putRecord("acme", version: "7")
            func take(_ n: Int64) throws -> Int64 {
                let item = ScriptCall.Item(meter: Self.meters[0], n: n, limit: -1, bound: -1, mode: 0)
                let call = ScriptCall(
                    tenant: Self.tenants[0], command: "T", items: [item], isLate: false, version: "7", refusal: 0,
                    idempotencyKey: nil, isShort: isShort)
                // What was refused, or how much is used.
                return try bench.run(call).dropFirst(isShort ? 2 : 3).first ?? 0
            }
            #expect(try take(Amount.largest - 3) == 999_999_999_999_996)
            #expect(try take(2) == 999_999_999_999_998)
            let before = try bench.digest()
            #expect(try take(2) == (isShort ? 1 : 0))
            #expect(try bench.digest() == before)
            #expect(try take(1) == Amount.largest)
            #expect(try bench.client.call("HGET", bench.key(.counter, "a", "acme"), "used").text == "999999999999999")
        }
    }
}
