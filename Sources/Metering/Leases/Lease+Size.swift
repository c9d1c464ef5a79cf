/// How large a lease gets: what is spent in some hundreds of milliseconds, and less where little is left.
extension Lease {
    /// How often the rate is measured.
    private static let measure: Int64 = 100_000
    /// A lease holds what is spent in this many horizons.
    private static let horizons: Int64 = 2
    /// No holder asks for more than this part of what is left in advance.
    private static let share: Int64 = 4

    /// What is spent in a second, as far as the recent past shows.
    public func spendingRate(now: Int64) -> Int64 {
        let elapsed = now - rateSince
        // A lease that has just begun to be spent shows its rate before the first measure ends.
        let running = Self.scale(rateCount, by: 1_000_000, over: max(Self.measure, elapsed))
        guard elapsed < 10 * Self.measure else { return running }
        return max(rate, running)
    }

    /// How much a lease of this tenant and meter should hold.
    public func target(now: Int64, settings: LeaseSettings) -> Int64 {
        Self.scale(spendingRate(now: now), by: Self.horizons * settings.horizon, over: 1_000_000)
    }

    /// What to ask for in advance, `waiting` being what calls are waiting for. One at least while there is something to
    /// spend it on, and never more than a share of what is left.
    public func want(now: Int64, waiting: Int64 = 0, settings: LeaseSettings) -> Int64 {
        guard !isRecalled else { return 0 }
        let lacking = max(target(now: now, settings: settings), waiting) - unspent(now: now)
        // What is left is known only once Redis said so; it binds the want itself before that.
        let most = askedAt == 0 ? lacking : max(1, heardLeft / Self.share)
        return max(0, min(lacking, most))
    }

    /// Whether it is time to ask for more, so that it does not run empty before the reply.
    public func wantsRefill(now: Int64, settings: LeaseSettings) -> Bool {
        guard !isRecalled, now >= refillAfter, !isInFlight(now: now, settings: settings) else { return false }
        let target = target(now: now, settings: settings)
        return target > 0 && unspent(now: now) <= target / 2
    }

    /// Whether it lies idle: something is unspent, and nothing was spent for several horizons.
    public func isIdle(now: Int64, settings: LeaseSettings) -> Bool {
        unspent(now: now) > 0 && rateCount == 0 && now - rateSince > 4 * settings.horizon
    }

    /// Others decide a call for so many units that this lease lacked: it is to have some for the next ones.
    public mutating func noteDemand(_ n: Int64) { rateCount &+= n }

    /// Folds what was spent into the rate, once a measure is over.
    mutating func measureRate(now: Int64) {
        let elapsed = now - rateSince
        guard elapsed >= Self.measure, rateCount > 0 || rate > 0 else { return }
        let recent = Self.scale(rateCount, by: 1_000_000, over: elapsed)
        // The half-life is one measure; after a pause the past says nothing.
        rate = elapsed >= 10 * Self.measure ? recent : rate / 2 + (recent + 1) / 2
        // An idle lease keeps the instant of its last measure, which is how long it has been idle.
        guard rateCount > 0 || rate > 0 else { return }
        rateCount = 0
        rateSince = now
    }

    /// `count * factor / divisor`, and the largest amount where that does not fit.
    private static func scale(_ count: Int64, by factor: Int64, over divisor: Int64) -> Int64 {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: factor)
        return isTooLarge ? Amount.largest : min(Amount.largest, product / max(1, divisor))
    }
}
