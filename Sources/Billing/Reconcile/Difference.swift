/// An hour, or a period where Stripe has no hours, of which Stripe does not have what was counted.
public struct Difference: Sendable, Equatable {
    /// What Stripe is to hold: what was counted, with what is late for earlier periods and without what was written
    /// off, unless that is what this difference is about.
    public var total: Int64
    /// What Stripe said yes to.
    public var acknowledged: Int64
    /// What Stripe has recorded; nil where it was not asked.
    public var recorded: Int64?
    /// Why.
    public var explanation: Explanation
    /// What is known beyond the explanation, for people; may be empty.
    public var detail: String

    /// Takes its parts as they are.
    public init(
        total: Int64, acknowledged: Int64, recorded: Int64?, explanation: Explanation, detail: String = ""
    ) {
        self.total = total
        self.acknowledged = acknowledged
        self.recorded = recorded
        self.explanation = explanation
        self.detail = detail
    }

    /// What Stripe lacks; below zero for what it has too much. Where it was not asked, what it has not acknowledged.
    public var missing: Int64 { total - (recorded ?? acknowledged) }

    /// Compares an hour with what Stripe has recorded of it.
    ///
    /// - Parameters:
    ///   - facts: what is known here.
    ///   - recorded: by Stripe's summaries; nil where Stripe is not asked: then it is taken to have what it
    ///     acknowledged.
    ///   - adds: whether the meter adds up what it is sent (`sum`). Then the next send does not put right what the
    ///     earlier ones left wrong.
    ///   - now: Unix seconds.
    ///   - lag: how long summaries may follow behind, in seconds.
    /// - Returns: nil when both are the same, and nothing was written off.
    public static func of(
        _ facts: HourFacts, recorded: Int64?, adds: Bool, now: Int64, lag: Int64
    ) -> Difference? {
        let has = recorded ?? facts.acknowledged
        func difference(_ explanation: Explanation, _ detail: String = "") -> Difference {
            Difference(
                total: facts.total, acknowledged: facts.acknowledged, recorded: recorded, explanation: explanation,
                detail: detail)
        }
        if facts.settledLate == facts.total {
            guard has == facts.total else { return difference(.lateRow) }
            if facts.acknowledged != facts.total {
                return difference(.unknown, "Stripe has it after all, so it may be in the late row too")
            }
        }
        guard has != facts.total else {
            guard has != facts.counted else { return nil }
            return Difference(
                total: facts.counted, acknowledged: facts.acknowledged, recorded: recorded, explanation: .dropped)
        }
        if facts.isInFlight { return difference(.inFlight) }
        if let reason = facts.deadReason { return difference(.dead, reason) }
        if facts.hold == .noCustomer { return difference(.noCustomer) }
        let isAsAcknowledged = has == facts.acknowledged
        let isCompared = adds && facts.isUnsettled
        if facts.isOwed, isAsAcknowledged || !adds || isCompared || facts.isElsewhere {
            if let hold = facts.hold, !hold.passes { return difference(.blocked, hold.description) }
            if isCompared, !isAsAcknowledged {
                return difference(.inFlight, "it is compared with Stripe before more of it is sent")
            }
            return difference(.owed, facts.hold.map { $0 == .owed ? "" : $0.description } ?? "")
        }
        if facts.isElsewhere { return difference(.elsewhere) }
        guard isAsAcknowledged else {
            if facts.isRecent(now: now, lag: lag) { return difference(.summaryLag) }
            return difference(.unknown, deviation(of: has, from: facts.acknowledged))
        }
        if facts.isNeverBilled { return difference(.notBilled) }
        return difference(.unknown, "neither acknowledged nor owed")
    }

    /// Compares a period as a whole, where Stripe tells no hours: "usage record summaries" have a total a period
    /// (docs.stripe.com/api/usage-record-summary, API versions up to 2024-12-18.acacia). What Stripe acknowledged
    /// lately it may have or not; the rest it must have. An hour below zero, which a row for earlier periods can bring
    /// about, is recorded as 0.
    ///
    /// - Parameters:
    ///   - hours: all of the period's hours of which anything is known.
    ///   - recorded: the period's total at Stripe.
    /// - Returns: of hours that explain themselves, by their place in `hours`; and of the period, if Stripe's total is
    ///   not what it acknowledged of the hours.
    public static func ofPeriod(
        _ hours: [HourFacts], recorded: Int64, now: Int64, lag: Int64
    ) -> (hours: [(index: Int, difference: Difference)], period: Difference?) {
        // What went to another item is no part of this one's.
        let here = hours.filter { !$0.isElsewhere || $0.isOwed }
        let acknowledged = here.reduce(0) { $0 + ($1.isElsewhere ? 0 : max(0, $1.acknowledged)) }
        let total = here.reduce(0) { $0 + max(0, $1.total) }
        let recent = here.reduce(0) { sum, facts in
            facts.isRecent(now: now, lag: lag) && !facts.isElsewhere ? sum + max(0, facts.acknowledged) : sum
        }
        let known = hours.enumerated().compactMap { index, facts in
            Difference.of(facts, recorded: nil, adds: false, now: now, lag: lag).map { (index, $0) }
        }
        guard recorded != acknowledged, recorded != total else { return (known, nil) }
        let explanation: Explanation =
            hours.contains { $0.isInFlight }
            ? .inFlight : (acknowledged - recent...acknowledged).contains(recorded) ? .summaryLag : .unknown
        let period = Difference(
            total: total, acknowledged: acknowledged, recorded: recorded, explanation: explanation,
            detail: explanation == .unknown ? deviation(of: recorded, from: acknowledged) : "")
        return (known, period)
    }

    private static func deviation(of recorded: Int64, from acknowledged: Int64) -> String {
        recorded < acknowledged
            ? "Stripe has \(acknowledged - recorded) less than it acknowledged"
            : "Stripe has \(recorded - acknowledged) more than it acknowledged"
    }
}

extension OwedState {
    /// Whether an hour held so goes out by itself some time.
    var passes: Bool {
        switch self {
        case .owed, .sending, .backingOff, .edgeNotPast, .late, .elsewhere, .comparing, .credit: true
        case .noCustomer, .meterUnfit, .noKey, .halted, .refused, .tooOld, .noItem, .periodUnknown, .dead: false
        }
    }
}
