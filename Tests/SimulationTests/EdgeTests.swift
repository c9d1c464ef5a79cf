import Testing

@testable import Metering

/// Near the limit nothing is refused that fits, and nothing is admitted that does not.
@Suite struct `The edge` {
    private static func failure(_ seed: UInt64, _ rules: Rules) -> SimFailure? {
        var world = EdgeWorld(seed: seed, rules: rules)
        do { try world.run() } catch { return error }
        return nil
    }

    @Test func `what is refused does not fit`() {
        for seed in 0..<UInt64(1_000) {
            if let failure = Self.failure(seed, .all) { Issue.record("seed \(seed): \(failure)") }
        }
    }

    @Test(arguments: [Rules.needsWhole, .waitersFirst])
    func `it notices when F12 is off`(rule: Rules) {
        let first = (0..<UInt64(50)).first { Self.failure($0, .without(rule)) != nil }
        #expect(first != nil, "50 histories found nothing")
        print("edge, without rule \(rule.rawValue): seed \(first.map { String($0) } ?? "none")")
    }
}
