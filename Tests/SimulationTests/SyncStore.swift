@testable import Metering

/// What `sync.lua` does, said once more in Swift: the fast Redis of the simulation. A test holds the two equal.
struct SyncStore {
    struct Row: Equatable {
        var granted: Int64 = 0
        var returned: Int64 = 0
        var spent: Int64 = 0
        var reserved: Int64 = 0
        var reservedUntil: Int64 = 0
        var expiry: Int64 = 0
        var stated: Int64 = 0

        var rest: Int64 { granted - returned - spent }
    }

    struct Waiter: Equatable {
        var deadline: Int64
        var need: Int64
        let holder: String
    }

    struct Usage: Equatable {
        var used: Int64 = 0
        var rows: [String: Row] = [:]
        var waiters: [Waiter] = []

        var held: Int64 { rows.values.reduce(0) { $0 + $1.rest } }
    }

    struct Life {
        let run: String
        let born: Int64
        /// When it began, where an earlier life may have begun sends to Stripe.
        let heir: Int64?
        var until: Int64
        var quiet: Int64 = 0
        var at: Int64
        /// Holders that are still telling what they know, and when they were heard last.
        var telling: [String: Int64] = [:]
    }

    /// What the store took back from a holder, told so that an exception can be counted.
    struct Reclaim: Equatable {
        let key: LeaseKey
        let holder: String
        let kept: Int64
        let spent: Int64
    }

    /// What it published.
    enum Notice: Equatable {
        case recall(LeaseKey)
        case wake(LeaseKey, holder: String)
        case tell(LeaseKey)
    }

    struct HourPlace: Hashable {
        let tenant: String
        let meter: String
        let hour: Int64
    }

    let settings: LeaseSettings
    let rules: Rules
    var life: Life?
    /// The thresholds that were told of.
    var toldCrossings: Set<SimCrossing> = []
    var usages: [LeaseKey: Usage] = [:]
    var hours: [HourPlace: [String: HourTotals]] = [:]
    var owed: Set<HourPlace> = []
    /// The hours of which something was sent to Stripe.
    var sent: Set<HourPlace> = []
    var versions: [String: String] = [:]
    var levels: [String: Int64] = [:]
    /// The answers kept for idempotency keys, and what the audit stream says of refunds.
    var keptRefunds: [String: KeptRefund] = [:]
    var audits: [Audit] = []
    var reclaims: [Reclaim] = []
    var notices: [Notice] = []

    init(settings: LeaseSettings, rules: Rules = .all) {
        self.settings = settings
        self.rules = rules
    }

    var longest: Int64 { settings.ttl + settings.grace }

    /// One run of the script at `now`, on the Redis of run `run`.
    mutating func sync(_ request: SyncRequest, run: String, now: Int64) -> SyncReply {
        visit(run: run, isFresh: request.isFresh, now: now)
        let isCurrent = !rules.contains(.namesLife) || (request.life.map(isNow) ?? false)
        let isLearning = learns(request, isCurrent: isCurrent, now: now)
        reclaims = []
        notices = []
        let items = request.items.map { item in
            sync(item, of: request, isCurrent: isCurrent, isLearning: isLearning, now: now)
        }
        return SyncReply(life: currentLife, isLearning: isLearning, now: now, items: items)
    }

    var currentLife: StoreLife { StoreLife(run: life?.run ?? "", born: life?.born ?? 0) }

    private func isNow(_ life: StoreLife) -> Bool { life == currentLife }

    /// A missing life or another run begins to learn; a leap of the clock makes nothing end for a while.
    mutating func visit(run: String, isFresh: Bool, now: Int64) {
        guard var known = life, known.run == run else {
            let born = max(now, (life?.born ?? 0) + 1)
            let learns = rules.contains(.learning) && !isFresh
            life = Life(run: run, born: born, heir: isFresh ? nil : now, until: learns ? now + longest : 0, at: now)
            return
        }
        if rules.contains(.clockSteps), abs(now - known.at) > settings.grace {
            known.quiet = now + longest
            if known.until > 0 { known.until = now + longest }
        }
        known.at = now
        life = known
    }

    private mutating func learns(_ request: SyncRequest, isCurrent: Bool, now: Int64) -> Bool {
        guard var known = life, known.until > 0 else { return false }
        defer { life = known }
        if isCurrent { known.telling[request.holder] = request.isResendComplete ? nil : now }
        guard now >= known.until, !known.telling.values.contains(where: { $0 + longest > now }) else { return true }
        known.telling = [:]
        known.until = 0
        return false
    }

    private mutating func sync(
        _ item: SyncRequest.Item, of request: SyncRequest, isCurrent: Bool, isLearning: Bool, now: Int64
    ) -> SyncReply.Item {
        let key = place(item.key)
        var usage = usages[key] ?? Usage()
        let (raised, hours) = mergeHours(
            item, key: key, holder: request.holder, isNews: isLearning || !isCurrent)
        usage.used += raised
        prune(&usage, now: now)
        let isTrue = mergeRow(item.statement, into: &usage, of: request, now: now)
        if (!isLearning || !rules.contains(.learningKeeps)) && now >= life?.quiet ?? 0 {
            reclaim(&usage, key: key, except: request.holder, now: now)
        }
        let isKnown = !rules.contains(.versions) || versions[key.tenant] ?? "" == item.terms.version
        let said = item.statement
        var grant = Grant(verdict: said.need > 0 ? .undecided : .none)
        if !isLearning, now <= request.notAfter, isTrue, isKnown, isCurrent {
            grant = self.grant(said, bound: item.terms.bound, holder: request.holder, usage: &usage, now: now)
        }
        usages[key] = usage
        let row = usage.rows[request.holder] ?? Row()
        let first = usage.waiters.first
        let isOver =
            item.terms.bound >= 0 && isKnown && !isLearning && usage.used + usage.held > item.terms.bound
        publish(key, usage: usage, holder: request.holder, bound: item.terms.bound, others: grant.others)
        return SyncReply.Item(
            granted: row.granted, returned: row.returned, spent: row.spent, used: usage.used, held: usage.held,
            reserved: usage.rows.values.reduce(0) { $0 + ($1.reservedUntil > now ? $1.reserved : 0) },
            holders: usage.rows.values.count { $0.expiry > now }, verdict: grant.verdict, retryAt: grant.retryAt,
            isRecalled: (first.map { $0.holder != request.holder } ?? false) || isOver, hasWaiters: first != nil,
            isOtherVersion: !isKnown, hours: hours)
    }

    /// Where totals land: in their own period, unless that rule is off.
    private func place(_ key: LeaseKey) -> LeaseKey {
        guard !rules.contains(.periods) else { return key }
        let newest = usages.keys.filter { $0.tenant == key.tenant && $0.meter == key.meter }.map(\.period).max()
        return LeaseKey(tenant: key.tenant, meter: key.meter, period: max(newest ?? key.period, key.period))
    }

    private mutating func mergeHours(
        _ item: SyncRequest.Item, key: LeaseKey, holder: String, isNews: Bool
    ) -> (raised: Int64, hours: [HourTotals]) {
        var raised: Int64 = 0
        var merged: [HourTotals] = []
        for told in item.hours {
            let place = HourPlace(tenant: key.tenant, meter: key.meter, hour: told.hour)
            let before = hours[place]?[holder] ?? HourTotals(hour: told.hour)
            var after = before
            if rules.contains(.totals) {
                after.merge(told)
            } else {
                after.consumed += told.consumed
            }
            merged.append(after)
            // In a life that does not know what Stripe acknowledged last, every hour it is told of is owed again, if it
            // was ever sent.
            if item.terms.isBilled, isNews && sent.contains(place) || after != before { owed.insert(place) }
            guard after != before else { continue }
            hours[place, default: [:]][holder] = after
            raised += after.net - before.net
        }
        return (raised, merged)
    }

    private mutating func publish(_ key: LeaseKey, usage: Usage, holder: String, bound: Int64, others: Int64) {
        guard let first = usage.waiters.first else { return }
        if first.holder == holder {
            if others > 0 { notices.append(.recall(key)) }
        } else if bound < 0 || first.need <= bound - usage.used - usage.held {
            notices.append(.wake(key, holder: first.holder))
        }
    }
}
