import Foundation
import TestSupport
import Testing

@testable import Metering

/// Each rule of the protocol is there for a reason: with it off, the simulation finds a history that breaks.
@Suite struct `Rules of the lease protocol` {
    static let rules: [(String, Rules)] = [
        ("F1 spent total in the lease", Rules.spentInLease), ("F2 whole row in the reply", [.wholeRow, .endGivesBack]),
        ("F3 lasts from sending", .lastsFromSending), ("F3 gives back at its end", .endGivesBack),
        ("F4 learning", .learning), ("F4 keeps while learning", .learningKeeps),
        ("F4 raises nothing while learning", .learningRaisesNothing), ("F4 names the life", .namesLife),
        ("F4 merges the belief", .belief), ("F5 clock steps", .clockSteps), ("F6 incarnations", .incarnations),
        ("F20 versions", .versions), ("F23 reservations", .reservations), ("totals, not differences", .totals),
        ("late periods stay", .periods),("F12 whole", .needsWhole),("F12 waiters", .waitersFirst),
    ]
    @Test(arguments: rules)
    func `the simulation notices when a rule is off`(name: String, rule: Rules) {
        let most: UInt64 = 600
        var first: SimFailure?
        var count = 0, at: UInt64 = 0
        for seed in 0..<most {
            if let f = SimRun(seed: seed, rules: .without(rule)).run() { count += 1; if first == nil { first = f; at = seed } }
            if count > 0 { break }
        }
        FileHandle.standardError.write(Data("RULE \(name): first at seed \(at): \(first?.description ?? "-")  (\(count))\n".utf8))
    }
    @Test func stats() {
        var sums: [SimException: Int64] = [:]; var adm: Int64 = 0; var ref = 0
        for seed in 0..<UInt64(300) { _ = SimRun(seed: seed).run { w in
            for (k, v) in w.exceptions { sums[k, default: 0] += v }
            adm += w.admitted.values.reduce(0, +); ref += w.refusals } }
        FileHandle.standardError.write(Data("STATS \(adm) \(ref) \(sums)\n".utf8))
    }
}
