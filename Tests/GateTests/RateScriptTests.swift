import Metering
import TestSupport
import Testing

extension GateSuite {
    @Suite struct RateScriptTests {
        @Test func `the script grants a rate's cells in advance and takes them back as the model does`() async throws {
            let bench = try await ScriptBench(maxStrangers: 1)
            let acme = ModelTenant(name: "acme", version: "7")
            try bench.putRecord("acme", version: "7")
            var model = SpendModel(periodEnd: bench.periodEnd, maxStrangers: bench.maxStrangers)
            var random = SeededRandom(for: "histories of cells")
            // However fast this machine asks: of one there is always something free, of the other hardly ever.
            let meters = [20, 90].map { ModelMeter(name: "every_\($0)", kind: .rate, interval: $0) }
            var instants: [Int64] = [0]
            var granted: Int64 = 0
            for number in 0..<1500 {
                let meter = meters[number / 750]
                func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
                let isMuch = oneIn(15)
                var item = ScriptCall.Item(
                    meter: meter, n: isMuch ? 45 : Int64.random(in: 1...3, using: &random), limit: 40, bound: 40,
                    mode: oneIn(2) ? 0 : 2)
                item.wanted = oneIn(2) ? 0 : Int64.random(in: 1...6, using: &random)
                item.returned = oneIn(2) ? 0 : Int64.random(in: 1...9, using: &random)
                item.returnedFrom = instants.suffix(8).randomElement(using: &random) ?? 0
                let call = ScriptCall(
                    tenant: acme, command: "T", items: [item], isLate: false, version: "7", refusal: 0,
                    idempotencyKey: nil)
                let answer = try bench.run(call)
                instants.append(answer[1])
                granted += answer[6]
                let expected = model.decide(call, now: answer[1])
                try #require(answer == expected, "call \(number), \(item)")
            }
            #expect(granted > 100)
        }
    }
}
