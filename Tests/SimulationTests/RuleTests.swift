import Testing

@testable import Metering

/// Each rule of the protocol is there for a reason: with it off, the simulation finds a history that breaks. Rules that
/// stand in for each other are off together; each alone is the subject of a named history.
@Suite struct `Rules of the lease protocol` {
    private static let most: UInt64 = 3000

    @Test(
        arguments: [
            ("F1", Rules.spentInLease), ("F2", .wholeRow), ("F3", [.lastsFromSending, .endGivesBack]),
            ("F4", .learning), ("F5", .clockSteps), ("F6", .incarnations), ("F9", .refunds),
            ("F12", .needsWhole), ("F20", .versions),
            ("totals instead of differences", .totals), ("late periods stay what they are", .periods),
        ] as [(String, Rules)])
    func `the simulation notices when a rule is off`(name: String, rules: Rules) {
        for seed in 0..<Self.most {
            guard let failure = SimRun(seed: seed, rules: .without(rules)).run() else { continue }
            print("without \(name), seed \(seed): \(failure)")
            return
        }
        Issue.record("\(Self.most) seeds found nothing")
    }
}
