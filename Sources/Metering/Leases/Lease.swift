/// What one holder may spend of a (tenant, meter, period) without asking: the holder's side of the lease protocol.
///
/// Nothing but words, so it can lie in a mapped file and be worked on in place; it belongs to the holder's loop. The
/// first four are what the ledger keeps, and what a restart begins with: everything else starts at zero, and a lease
/// that was never renewed grants nothing. Times are microseconds of the holder's boot clock.
public struct Lease: Sendable, Equatable {
    /// The total ever granted. Never below what was returned, spent and is reserved.
    public internal(set) var granted: Int64
    /// The total given back unspent.
    public internal(set) var returned: Int64
    /// The total consumed.
    public internal(set) var spent: Int64
    /// What open reservations hold now.
    public internal(set) var reserved: Int64

    /// When it ends; 0 if it was never renewed.
    public internal(set) var expires: Int64 = 0
    /// When the last open reservation ends.
    public internal(set) var reservedUntil: Int64 = 0
    /// The period's usage of all holders as last heard, and what was unspent of the bound then.
    public internal(set) var heardUsed: Int64 = 0
    /// What open reservations of other holders hold, as last heard.
    public internal(set) var heardReservedElsewhere: Int64 = 0
    var heardLeft: Int64 = 0
    /// What Redis acknowledged, in reply to the sync sent then.
    var heardAt: Int64 = 0
    var heardGranted: Int64 = 0
    var heardReturned: Int64 = 0
    var heardSpent: Int64 = 0
    var heardReserved: Int64 = 0
    var heardReservedUntil: Int64 = 0
    /// The sync sent last, and what the call took that it was sent for.
    var askedAt: Int64 = 0
    var askedAmount: Int64 = 0
    var askedReserved: Int64 = 0
    var askedReservedUntil: Int64 = 0
    /// When a refill that got nothing may be asked for again.
    var refillAfter: Int64 = 0
    /// How fast it is spent.
    var rate: Int64 = 0
    var rateCount: Int64 = 0
    var rateSince: Int64 = 0
    var flags: LeaseFlags = []

    /// A lease as the ledger has it; all zero for a new one.
    public init(granted: Int64 = 0, returned: Int64 = 0, spent: Int64 = 0, reserved: Int64 = 0) {
        self.granted = granted
        self.returned = returned
        self.spent = spent
        self.reserved = reserved
    }

    /// Whether a sync sent within the last TTL has renewed it.
    public func isLive(now: Int64) -> Bool { now < expires }

    /// Spent, and not acknowledged by Redis.
    public var unacknowledged: Int64 { max(0, spent - heardSpent) }

    /// Whether Redis has acknowledged everything spent up to this total.
    public func isAcknowledged(_ total: Int64) -> Bool { heardSpent >= total }

    /// Whether something is granted and neither given back nor spent nor reserved, whether or not it has ended.
    public var hasRest: Bool { rest > 0 }

    /// What can be spent now.
    public func unspent(now: Int64) -> Int64 {
        now < expires ? max(0, rest) : 0
    }

    /// Spends `n` if that much is unspent. At its end the lease gives itself back, before anything else.
    public mutating func take(_ n: Int64, now: Int64) -> Bool {
        guard now < expires else {
            giveBack()
            return false
        }
        guard n <= rest else { return false }
        spent += n
        rateCount &+= n
        return true
    }

    /// Spends `n` whatever is left: what was used already, and what no limit refuses.
    ///
    /// `granted` is raised first, so that no kill in between leaves more spent than granted. Returns by how much.
    @discardableResult
    public mutating func spendAlways(_ n: Int64, now: Int64) -> Int64 {
        expire(now: now)
        let lacking = max(0, n - max(0, rest))
        granted += lacking
        spent += n
        rateCount &+= n
        return lacking
    }

    /// Sets `n` aside for a reservation that ends at `end`, if that much is unspent.
    public mutating func reserve(_ n: Int64, until end: Int64, now: Int64) -> Bool {
        guard now < expires else {
            giveBack()
            return false
        }
        guard n <= rest else { return false }
        reserved += n
        reservedUntil = max(reservedUntil, end)
        rateCount &+= n
        return true
    }

    /// Sets `n` aside whatever is left, where no limit refuses it or a policy lets it through. Returns by how much
    /// `granted` was raised for it.
    @discardableResult
    public mutating func reserveAlways(_ n: Int64, until end: Int64, now: Int64) -> Int64 {
        expire(now: now)
        let lacking = max(0, n - max(0, rest))
        granted += lacking
        reserved += n
        reservedUntil = max(reservedUntil, end)
        rateCount &+= n
        return lacking
    }

    /// A reservation ends later: Redis is told, before it gives the units to others.
    public mutating func extend(until end: Int64) {
        reservedUntil = max(reservedUntil, end)
    }

    /// Reservations that were made before a restart hold this much, the last of them until `end`.
    public mutating func resume(reservedUntil end: Int64) { reservedUntil = max(reservedUntil, end) }

    /// Ends a reservation of `n` at its true cost. Returns by how much `granted` was raised for it.
    @discardableResult
    public mutating func settle(reserved n: Int64, cost: Int64, now: Int64) -> Int64 {
        expire(now: now)
        let released = min(n, reserved)
        // Raised before the reservation is let go: a kill in between leaves units held, never spent twice.
        let lacking = max(0, cost - released - max(0, now < expires ? rest : 0))
        granted += lacking
        spent += cost
        reserved -= released
        // What an ended lease had set aside cannot be spent any more.
        expire(now: now)
        return lacking
    }

    /// Gives back everything unspent: when others wait, when it lies idle, when its period is over, at a clean stop.
    /// Returns how much that was.
    @discardableResult
    public mutating func giveBack() -> Int64 {
        let unspent = max(0, rest)
        returned += unspent
        return unspent
    }

    /// Gives back `n` of what is unspent, or all if that is less.
    public mutating func giveBack(_ n: Int64) { returned += min(n, max(0, rest)) }

    /// Gives the lease back if it has ended.
    public mutating func expire(now: Int64) {
        if now >= expires { giveBack() }
    }

    /// The usage of all holders, with what this one spent since it heard.
    public var used: Int64 { heardUsed + max(0, spent - heardSpent) }

    /// What open reservations of all holders hold, as far as is known here.
    public var reservedInAll: Int64 { heardReservedElsewhere + reserved }

    /// How much more this one has reserved than Redis has heard of; negative when less.
    public var unheardReserved: Int64 { reserved - heardReserved }

    /// Granted and neither given back nor spent nor reserved, whether or not the lease has ended.
    var rest: Int64 { granted - returned - spent - reserved }
}
