@testable import Metering

/// The rows of one usage, and what they let Redis grant.
extension SyncStore {
    struct Grant {
        var verdict: SyncVerdict
        var retryAt: Int64 = 0
        var others: Int64 = 0
    }

    /// Drops what the clock has passed, and lets nothing end later than a lease that begins now.
    func prune(_ usage: inout Usage, now: Int64) {
        for index in usage.waiters.indices {
            usage.waiters[index].deadline = min(usage.waiters[index].deadline, now + settings.ttl)
        }
        usage.waiters.removeAll { $0.deadline <= now }
        guard rules.contains(.clockSteps) else { return }
        for holder in usage.rows.keys {
            let expiry = usage.rows[holder]?.expiry ?? 0
            usage.rows[holder]?.expiry = min(expiry, now + longest)
            let end = usage.rows[holder]?.reservedUntil ?? 0
            usage.rows[holder]?.reservedUntil = min(end, now + settings.reservationTTL)
        }
    }

    /// Merges what a holder says of itself. Returns whether it believes what is true.
    func mergeRow(_ said: LeaseStatement, into usage: inout Usage, of request: SyncRequest, now: Int64) -> Bool {
        var row = usage.rows[request.holder] ?? Row()
        if rules.contains(.belief) { row.granted = max(row.granted, said.granted) }
        row.returned = max(row.returned, said.returned)
        row.spent = max(row.spent, said.spent)
        row.granted = max(row.granted, row.returned + row.spent)
        if request.sentAt > row.stated || row.reservedUntil <= now {
            row.reserved = said.reserved
            row.reservedUntil = said.reserved > 0 ? now + said.reservedFor : 0
            row.stated = request.sentAt
        }
        row.expiry = now + longest
        usage.rows[request.holder] = row
        return said.granted == row.granted
    }

    mutating func reclaim(_ usage: inout Usage, key: LeaseKey, except holder: String, now: Int64) {
        for (name, row) in usage.rows where name != holder && row.expiry < now {
            let known = row.reservedUntil > now ? row.reserved : 0
            let kept = rules.contains(.reservations) ? known : 0
            let returned = row.granted - row.spent - kept
            guard returned > row.returned else { continue }
            usage.rows[name]?.returned = returned
            reclaims.append(Reclaim(key: key, holder: name, kept: known, spent: row.spent))
        }
    }

    func grant(
        _ said: LeaseStatement, bound: Int64, holder: String, usage: inout Usage, now: Int64
    ) -> Grant {
        var grant = Grant(verdict: .none)
        let granted = usage.rows[holder]?.granted ?? 0
        var free = min(bound < 0 ? Amount.largest : bound - usage.used - usage.held, Amount.largest - granted)
        grant.others = others(usage, than: holder, now: now)
        if said.need > 0 {
            let need = answer(said, free: free, holder: holder, usage: &usage, grant: &grant, now: now)
            usage.rows[holder]?.granted += need
            free -= need
        } else {
            usage.waiters.removeAll { $0.holder == holder }
        }
        if said.want > 0, free > 0, usage.waiters.isEmpty {
            let share = bound < 0 ? free : share(free, usage, now: now)
            usage.rows[holder]?.granted += min(said.want, free, share)
        }
        return grant
    }

    private func share(_ free: Int64, _ usage: Usage, now: Int64) -> Int64 {
        max(1, free / (2 * Int64(usage.rows.values.count { $0.expiry > now })))
    }

    private func others(_ usage: Usage, than holder: String, now: Int64) -> Int64 {
        usage.rows.reduce(0) { sum, entry in
            guard entry.key != holder else { return sum }
            return sum + max(0, entry.value.rest - (entry.value.reservedUntil > now ? entry.value.reserved : 0))
        }
    }

    /// Decides a need. Returns what is granted of it.
    private func answer(
        _ said: LeaseStatement, free: Int64, holder: String, usage: inout Usage, grant: inout Grant, now: Int64
    ) -> Int64 {
        let place = usage.waiters.firstIndex { $0.holder == holder }
        let isFirst = usage.waiters.isEmpty || place == 0 || !rules.contains(.waitersFirst)
        grant.verdict = .waiting
        var granted: Int64 = 0
        if !rules.contains(.needsWhole), isFirst, free > 0 {
            // A fair share, as if the waiting call could do with a part.
            granted = min(said.need, max(1, free / Int64(max(1, usage.rows.count))))
            grant.verdict = granted == said.need ? .granted : .refused
        } else if isFirst, said.need <= free {
            granted = said.need
            grant.verdict = .granted
        } else if said.need > free + grant.others {
            grant.verdict = .refused
        }
        guard grant.verdict == .waiting else {
            if grant.verdict == .refused { grant.retryAt = comesBack(said.need - free, usage, holder, now: now) }
            if let place { usage.waiters.remove(at: place) }
            return granted
        }
        grant.retryAt = comesBack(said.need - free, usage, holder, now: now)
        let waiter = Waiter(deadline: now + min(said.needFor, settings.ttl), need: said.need, holder: holder)
        if let place {
            usage.waiters[place] = waiter
        } else if rules.contains(.waitersFirst) {
            usage.waiters.append(waiter)
        }
        return 0
    }

    private func comesBack(_ lacking: Int64, _ usage: Usage, _ holder: String, now: Int64) -> Int64 {
        var ends: [(at: Int64, amount: Int64)] = []
        for (name, row) in usage.rows {
            let reserved = row.reservedUntil > now ? min(row.reserved, row.rest) : 0
            if name != holder, row.rest > reserved { ends.append((row.expiry, row.rest - reserved)) }
            if reserved > 0 { ends.append((max(row.reservedUntil, row.expiry), reserved)) }
        }
        ends.sort { $0.at < $1.at }
        var left = lacking
        for end in ends {
            left -= end.amount
            if left <= 0 { return end.at }
        }
        return 0
    }
}
