/// How far a sweep has come, and what it has learned about which hours can go.
///
/// Each pass over all slots counts the settled slots of closed hours, by age. When slots are short at its end, that
/// count says which hour the next pass has to go up to, so the oldest go first though no pass sees them in order.
struct SlotSweep {
    /// Ages are counted up to here, in hours: Stripe takes usage 35 days back, which are 840
    /// (docs.stripe.com/api/billing/meter-event/create). All that is older is alike.
    private static let oldestAge = 1023

    /// The next slot to look at.
    var position = 0
    /// Settled slots of closed hours that the pass has left, by age at its beginning.
    private var census = [UInt32](repeating: 0, count: oldestAge + 1)
    private var passHour: UInt32 = 0
    /// Hours before this one go though their retention has not passed,
    private var squeezeHour: UInt32 = 0
    /// and so many slots of this hour itself.
    private var squeezeQuota = 0
    /// How many settled slots the last whole pass left.
    private(set) var settledCount = 0
    /// The oldest hour among them.
    private(set) var oldestSettledHour: UInt32?
    private var shrunkTo: Int?
    private var lastShrunkTo: Int?

    /// The shortest time that an hour was kept for in this pass and the one before, where slots were short.
    var retentionShrunkTo: Int? {
        guard let shrunkTo, let lastShrunkTo else { return shrunkTo ?? lastShrunkTo }
        return min(shrunkTo, lastShrunkTo)
    }

    /// Begins a pass over all slots.
    mutating func begin(currentHour: UInt32) {
        position = 0
        passHour = currentHour
        for age in census.indices { census[age] = 0 }
        lastShrunkTo = shrunkTo
        shrunkTo = nil
    }

    /// Whether a settled slot of a closed hour goes now; counts it if not.
    mutating func takes(hour: UInt32, currentHour: UInt32, retentionHours: Int) -> Bool {
        // The hour itself has to pass, and then the retention.
        let kept = Int(currentHour) - Int(hour) - 1
        if kept >= retentionHours { return true }
        if hour < squeezeHour || (hour == squeezeHour && squeezeQuota > 0) {
            if hour == squeezeHour { squeezeQuota -= 1 }
            shrunkTo = min(shrunkTo ?? kept, kept)
            return true
        }
        // An hour that closed during the pass is for the next one to count.
        if hour < passHour { census[min(Int(passHour - hour), Self.oldestAge)] += 1 }
        return false
    }

    /// Ends a pass: plans what the next one frees so that `shortage` more slots are free.
    mutating func end(shortage: Int) {
        squeezeHour = 0
        squeezeQuota = 0
        settledCount = census.reduce(0) { $0 + Int($1) }
        oldestSettledHour = census.lastIndex { $0 > 0 }.map { passHour - UInt32($0) }
        var missing = shortage
        for age in census.indices.reversed() where missing > 0 && census[age] > 0 {
            squeezeHour = passHour - UInt32(age)
            squeezeQuota = missing
            missing -= Int(census[age])
        }
    }
}
