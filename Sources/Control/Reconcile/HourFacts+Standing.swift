import Billing
import RedisLink

extension HourFacts {
    /// An hour as Redis has it.
    init(_ standing: HourStanding, hold: OwedState?, hasCustomer: Bool, redisNow: Int64) {
        let hour = standing.hour
        self.init(
            counted: hour.counted, total: hour.total, acknowledged: hour.acknowledged, isOwed: standing.isOwed,
            isInFlight: hour.sendingUntil.map { $0 > redisNow } ?? false,
            hold: hasCustomer || hour.acknowledged != 0 ? hold : .noCustomer,
            deadReason: standing.dead?.message, settledLate: hour.settledLate,
            checkAt: standing.checkAt)
        isUnsettled =
            hour.range != nil || (hour.acknowledged == 0 && hour.cut ?? 0 != 0) || hour.acknowledgedIn == 0
        // A mark of any kind is a trace that it was to go out once.
        isNeverBilled =
            !standing.isOwed && standing.dead == nil && hour.acknowledged == 0 && hour.late == 0 && hour.cut == nil
            && hour.range == nil && hour.sendingUntil == nil && hour.settledLate == nil && hour.dropped == 0
            && hour.lent == 0 && hour.waived == 0
    }
}
