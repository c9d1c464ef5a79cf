import TestSupport
import Testing

@testable import Billing

@Suite struct DifferenceTests {
    private let now: Int64 = 1_800_000_000

    private func compare(_ facts: HourFacts, _ recorded: Int64?, adds: Bool = false) -> Difference? {
        Difference.of(facts, recorded: recorded, adds: adds, now: now, lag: 300)
    }

    private func explain(_ facts: HourFacts, _ recorded: Int64?, adds: Bool = false) -> Explanation? {
        compare(facts, recorded, adds: adds)?.explanation
    }

    @Test func `an hour that Stripe has recorded as counted is no difference, whatever else is known of it`() {
        #expect(explain(HourFacts(counted: 5, acknowledged: 5), 5) == nil)
        #expect(explain(HourFacts(counted: 5, isOwed: true), 5) == nil)
        #expect(explain(HourFacts(counted: 5, deadReason: "no"), 5) == nil)
        #expect(explain(HourFacts(counted: 8, acknowledged: 8), 8) == nil)
        #expect(explain(HourFacts(counted: 0), 0) == nil)
    }

    @Test func `what was not sent yet is owed, and says what holds it`() {
        #expect(explain(HourFacts(counted: 5, isOwed: true), 0) == .owed)
        #expect(explain(HourFacts(counted: 5, acknowledged: 2, isOwed: true, hold: .owed), 2) == .owed)
        let waiting = compare(HourFacts(counted: 5, isOwed: true, hold: .edgeNotPast), 0)
        #expect(waiting?.explanation == .owed && waiting?.detail == "waiting for the period's edge in this hour")
        let held = compare(HourFacts(counted: 5, isOwed: true, hold: .tooOld), 0)
        #expect(held?.explanation == .blocked && held?.detail == "older than the 35 days Stripe takes")
        #expect(explain(HourFacts(counted: 5, isOwed: true, hold: .noCustomer), nil) == .noCustomer)
    }

    @Test func `a total that replaces the earlier ones explains any value, one that adds only what it lacks`() {
        let facts = HourFacts(counted: 9, acknowledged: 5, isOwed: true)
        #expect(explain(facts, 3) == .owed)
        #expect(explain(facts, 5, adds: true) == .owed)
        #expect(explain(facts, 3, adds: true) == .unknown)
        #expect(explain(facts, 12, adds: true) == .unknown)
    }

    @Test func `a send under way comes before everything else`() {
        let facts = HourFacts(counted: 9, isOwed: true, isInFlight: true, hold: .tooOld, deadReason: "gone")
        #expect(explain(facts, 0) == .inFlight)
    }

    @Test func `a dead hour says what Stripe said`() {
        let difference = compare(HourFacts(counted: 9, deadReason: "no such customer"), 0)
        #expect(difference?.explanation == .dead && difference?.detail == "no such customer")
    }

    @Test func `what Stripe took lately is lag until its comparison is due, and unexplained from then on`() {
        var facts = HourFacts(counted: 9, acknowledged: 9)
        facts.acknowledgedAt = now - 299
        #expect(explain(facts, 4) == .summaryLag)
        facts.acknowledgedAt = now - 300
        #expect(explain(facts, 4) == .unknown)
        facts.checkAt = now + 1
        #expect(explain(facts, 4) == .unknown)
        facts.acknowledgedAt = nil
        #expect(explain(facts, 4) == .summaryLag)
        facts.checkAt = now
        #expect(explain(facts, 4) == .unknown)
    }

    @Test func `an unexplained difference says by how much Stripe is off`() {
        let facts = HourFacts(counted: 9, acknowledged: 9)
        #expect(compare(facts, 4)?.detail == "Stripe has 5 less than it acknowledged")
        #expect(compare(facts, 11)?.detail == "Stripe has 2 more than it acknowledged")
        #expect(compare(facts, 11)?.missing == -2)
        #expect(compare(HourFacts(counted: 9, acknowledged: 2), 2)?.detail == "neither acknowledged nor owed")
    }

    @Test func `what goes out with the next period is explained while the total stays so`() {
        var facts = HourFacts(counted: 9, acknowledged: 5, settledLate: 9)
        #expect(explain(facts, 5) == .lateRow)
        // Also where Stripe has something else than it acknowledged: the row was made by what it has.
        #expect(explain(facts, 3) == .lateRow)
        facts.isOwed = true
        #expect(explain(facts, 3, adds: true) == .lateRow)
        facts.isOwed = false
        (facts.counted, facts.total) = (10, 10)
        #expect(explain(facts, 5) == .unknown)
    }

    @Test func `what is in a late row and at Stripe too is unexplained`() {
        #expect(explain(HourFacts(counted: 9, acknowledged: 5, settledLate: 9), 9) == .unknown)
        #expect(explain(HourFacts(counted: 9, acknowledged: 9, settledLate: 9), 9) == nil)
        #expect(explain(HourFacts(counted: 9, acknowledged: 9, settledLate: 9), 5) == .lateRow)
    }

    @Test func `an hour that was never owed is explained so, but not what Stripe has of it`() {
        var facts = HourFacts(counted: 9)
        facts.isNeverBilled = true
        #expect(explain(facts, 0) == .notBilled && explain(facts, nil) == .notBilled)
        #expect(explain(facts, 4) == .unknown)
        #expect(Explanation.notBilled.isSettled)
    }

    @Test func `a meter that adds compares what is unsettled before it goes on, unless something holds it`() {
        var facts = HourFacts(counted: 9, acknowledged: 5, isOwed: true)
        facts.isUnsettled = true
        #expect(explain(facts, 7, adds: true) == .inFlight)
        #expect(explain(facts, 5, adds: true) == .owed)
        facts.hold = .tooOld
        #expect(explain(facts, 7, adds: true) == .blocked)
        facts.isOwed = false
        #expect(explain(facts, 7, adds: true) == .unknown)
    }

    @Test func `what Stripe took for somebody else is explained so until it is owed again`() {
        var facts = HourFacts(counted: 9, acknowledged: 9)
        facts.isElsewhere = true
        #expect(explain(facts, 0) == .elsewhere && explain(facts, 3, adds: true) == .elsewhere)
        #expect(Explanation.elsewhere.isSettled)
        facts.isOwed = true
        #expect(explain(facts, 0) == .owed && explain(facts, 0, adds: true) == .owed)
    }

    @Test func `only so much of a period lags as was acknowledged lately`() {
        let fine = HourFacts(counted: 90, acknowledged: 90)
        let recent = HourFacts(counted: 10, acknowledged: 10, checkAt: now + 60)
        func explain(_ recorded: Int64) -> Explanation? {
            Difference.ofPeriod([fine, recent], recorded: recorded, now: now, lag: 300).period?.explanation
        }
        #expect(explain(100) == nil)
        #expect(explain(99) == .summaryLag && explain(90) == .summaryLag)
        #expect(explain(89) == .unknown && explain(0) == .unknown && explain(101) == .unknown)
    }

    @Test func `of a period an hour below zero is recorded as 0, and what went elsewhere is no part`() {
        let row = HourFacts(counted: -5, acknowledged: 0)
        let fine = HourFacts(counted: 9, acknowledged: 9)
        #expect(Difference.ofPeriod([row, fine], recorded: 9, now: now, lag: 300).period == nil)
        var other = HourFacts(counted: 4, acknowledged: 4)
        other.isElsewhere = true
        #expect(Difference.ofPeriod([other, fine], recorded: 9, now: now, lag: 300).period == nil)
    }

    @Test func `what was written off is told, and what Stripe is to have without it is compared`() {
        let facts = HourFacts(counted: 9, total: 5, acknowledged: 5)
        let difference = compare(facts, 5)
        #expect(difference?.explanation == .dropped && difference?.total == 9 && difference?.missing == 4)
        #expect(explain(facts, 4) == .unknown)
        #expect(explain(facts, 9) == .unknown)
        let all = HourFacts(counted: 9, total: 0)
        #expect(all.total == 0 && compare(all, 0)?.missing == 9)
    }

    @Test func `without Stripe only what is known here is compared`() {
        #expect(explain(HourFacts(counted: 9, acknowledged: 9), nil) == nil)
        #expect(explain(HourFacts(counted: 9, acknowledged: 4, isOwed: true), nil) == .owed)
        let difference = compare(HourFacts(counted: 9, acknowledged: 4), nil)
        #expect(difference?.explanation == .unknown && difference?.missing == 5 && difference?.recorded == nil)
    }

    @Test func `a period is what its hours are, and a difference of its own beyond that`() {
        let fine = HourFacts(counted: 9, acknowledged: 9)
        let owed = HourFacts(counted: 7, acknowledged: 4, isOwed: true)
        var outcome = Difference.ofPeriod([fine, fine], recorded: 18, now: now, lag: 300)
        #expect(outcome.hours.isEmpty && outcome.period == nil)
        outcome = Difference.ofPeriod([fine, owed], recorded: 13, now: now, lag: 300)
        #expect(outcome.hours.map(\.index) == [1] && outcome.period == nil)
        outcome = Difference.ofPeriod([fine, owed], recorded: 10, now: now, lag: 300)
        #expect(outcome.hours.map(\.difference.explanation) == [.owed])
        #expect(outcome.period?.explanation == .unknown && outcome.period?.missing == 6)
        var sending = owed
        sending.isInFlight = true
        outcome = Difference.ofPeriod([fine, sending], recorded: 10, now: now, lag: 300)
        #expect(outcome.period?.explanation == .inFlight)
        var late = fine
        late.checkAt = now + 60
        outcome = Difference.ofPeriod([late], recorded: 0, now: now, lag: 300)
        #expect(outcome.period?.explanation == .summaryLag)
    }

    @Test func `there is a difference exactly where the values differ, of exactly so much`() {
        var random = SeededRandom(for: "differences")
        for _ in 0..<20_000 {
            let facts = HourFacts.random(&random, now: now)
            let recorded = Bool.random(using: &random) ? Int64.random(in: 0...6, using: &random) : nil
            let adds = Bool.random(using: &random)
            let difference = Difference.of(facts, recorded: recorded, adds: adds, now: now, lag: 300)
            let has = recorded ?? facts.acknowledged
            // It may be there twice, though the hour by itself is as it must be.
            let isDoubted = facts.settledLate == facts.total && facts.acknowledged != facts.total
            let isWrittenOff = has == facts.total && facts.counted != facts.total && !isDoubted
            #expect((difference?.missing ?? 0) == (isWrittenOff ? facts.counted : facts.total) - has)
            #expect((difference?.explanation == .dropped) == isWrittenOff)
            guard let difference, difference.explanation == .unknown, difference.missing != 0 else { continue }
            // Only what nothing else can put right is called unexplained.
            #expect(!facts.isInFlight && facts.deadReason == nil)
            #expect(!facts.isOwed || adds, "\(facts)")
        }
    }

    @Test func `what is unexplained is put right when it is owed again and sent`() {
        var random = SeededRandom(for: "reopened hours")
        for _ in 0..<5_000 {
            var facts = HourFacts.random(&random, now: now)
            var recorded = Int64.random(in: 0...6, using: &random)
            guard explain(facts, recorded) == .unknown else { continue }
            facts.acknowledged = 0
            facts.isOwed = true
            facts.hold = nil
            // It may be that Stripe has it by chance, and only the acknowledgement was wrong.
            #expect(recorded == facts.total || explain(facts, recorded) == .owed)
            (recorded, facts.acknowledged, facts.isOwed) = (facts.total, facts.total, false)
            #expect(explain(facts, recorded) == (facts.counted == facts.total ? nil : .dropped))
        }
    }
}

extension HourFacts {
    /// Any combination of what may be known, with numbers small enough to meet.
    static func random(_ random: inout SeededRandom, now: Int64) -> HourFacts {
        func some<Value>(_ value: Value) -> Value? { Int.random(in: 0..<4, using: &random) == 0 ? value : nil }
        let number = { (random: inout SeededRandom) in Int64.random(in: 0...6, using: &random) }
        let counted = Int64.random(in: -1...8, using: &random)
        return HourFacts(
            counted: counted, total: some(number(&random)).map { min(counted, $0) }, acknowledged: number(&random),
            isOwed: Bool.random(using: &random), isInFlight: some(true) ?? false,
            hold: [nil, .owed, .tooOld, .noCustomer, .edgeNotPast].randomElement(using: &random) ?? nil,
            deadReason: some("refused"), settledLate: some(number(&random)),
            checkAt: some(now + Int64.random(in: -9...9, using: &random)),
            acknowledgedAt: some(now - Int64.random(in: 0...600, using: &random)))
    }
}
