/// The conversation with Redis. The rules F1 to F24 are those of `docs/leases.md`.
extension Lease {
    /// Whether a sync is on its way and still worth waiting for.
    public func isInFlight(now: Int64, settings: LeaseSettings) -> Bool {
        flags.contains(.inFlight) && now - askedAt < settings.replyDeadline
    }

    /// Whether others wait for what is unspent here.
    public var isRecalled: Bool { flags.contains(.recalled) }

    /// Whether Redis has not acknowledged every total. That it was granted more than it believes, as it may be told
    /// while Redis learns, is nothing to tell.
    public var isDirty: Bool {
        flags.contains(.dirty) || spent != heardSpent || returned != heardReturned || granted > heardGranted
            || reserved != heardReserved || (reserved > 0 && reservedUntil > heardReservedUntil)
    }

    /// Whether a sync is due: a total has waited for the horizon, or what is unspent ends soon.
    public func wantsSync(now: Int64, settings: LeaseSettings) -> Bool {
        guard !isInFlight(now: now, settings: settings) else { return false }
        // Others wait to hear what is left, also when nothing is.
        if isDirty { return isRecalled || now - askedAt >= settings.horizon }
        return rest + reserved > 0 && expires - now < settings.ttl / 2
    }

    /// Whether the last sync was sent a horizon ago or longer, and none is on its way.
    public func isSilent(now: Int64, settings: LeaseSettings) -> Bool {
        !isInFlight(now: now, settings: settings) && now - askedAt >= settings.horizon
    }

    /// Hears of the period's usage by another way than a sync: it stands at so much, or more by now.
    public mutating func hear(used: Int64) { heardUsed = max(heardUsed, used) }

    /// Hears that `n` units were given back, and that the period's usage stood at so much after that; up to this total
    /// of `spent` it was told of this holder's usage by then.
    public mutating func hear(refund n: Int64, used: Int64, told: Int64) {
        // A sync's reply may still be on its way that acknowledges this.
        heardUsed = used - max(0, told - heardSpent)
        heardLeft = min(Amount.largest, heardLeft + n)
        refillAfter = 0
    }

    /// Answers a recall: everything unspent goes back. Returns whether Redis must hear of it at once; that is so also
    /// when nothing was left, as Redis counts on what it has not heard to be spent.
    public mutating func answerRecall() -> Bool {
        giveBack()
        return isDirty
    }

    /// Takes every acknowledgement back: Redis lost its memory.
    public mutating func forgetAcknowledgements() {
        // What was spent here is in what was heard, and is not heard any more: it counts once all the same.
        heardUsed -= heardSpent
        (heardGranted, heardReturned, heardSpent, heardReserved, heardReservedUntil) = (0, 0, 0, 0, 0)
        flags.insert(.dirty)
        refillAfter = 0
    }

    /// What to say of this lease in a sync sent now.
    ///
    /// - Parameters:
    ///   - waiting: what the first waiting call takes in all, 0 if none waits; only what it lacks is asked for.
    ///   - deadline: until when that call waits.
    ///   - want: what to ask for in advance.
    public mutating func ask(waiting: Int64, deadline: Int64, want: Int64, now: Int64) -> LeaseStatement {
        expire(now: now)
        // What is spent is measured from the first asking on, not from the boot.
        if askedAt == 0 { rateSince = now }
        measureRate(now: now)
        askedAt = now
        askedAmount = waiting
        let need = max(0, waiting - unspent(now: now))
        (askedReserved, askedReservedUntil) = (reserved, reservedUntil)
        flags.insert(.inFlight)
        return LeaseStatement(
            granted: granted, returned: returned, spent: spent, reserved: reserved,
            reservedFor: reserved > 0 ? max(0, reservedUntil - now) : 0, need: need,
            needFor: need > 0 ? max(0, deadline - now) : 0, want: want)
    }

    /// Merges what Redis says in reply to the sync sent at `sentAt`.
    ///
    /// - Parameters:
    ///   - news: what the head of the reply told ``StoreView``.
    ///   - bound: the largest total ever allowed, ``Amount/unlimited`` if any is.
    public mutating func receive(
        _ item: SyncReply.Item, isLearning: Bool, news: StoreNews, bound: Int64, sentAt: Int64, now: Int64,
        settings: LeaseSettings
    ) -> LeaseAction {
        let isNewest = sentAt >= askedAt
        if isNewest { flags.remove(.inFlight) }
        guard now - sentAt < settings.ttl else { return .dropped }
        // What has ended is given back before anything can be granted on top of it.
        expire(now: now)
        let before = granted
        merge(item, isLearning: isLearning)
        expires = max(expires, sentAt + settings.ttl)
        // What Redis has, it has, also where another sync went out meanwhile: else a lease that is told of all the time
        // would never hear that it was.
        if news != .stale, sentAt >= heardAt {
            heardAt = sentAt
            (heardGranted, heardReturned, heardSpent) = (item.granted, item.returned, item.spent)
            heardUsed = item.used
            heardLeft = bound < 0 ? Amount.largest : max(0, bound - item.used - item.held)
        }
        if news != .stale, isNewest {
            (heardReserved, heardReservedUntil) = (askedReserved, askedReservedUntil)
            heardReservedElsewhere = max(0, item.reserved - askedReserved)
            flags.remove(.dirty)
            if item.isRecalled { flags.insert(.recalled) } else { flags.remove(.recalled) }
            if granted == before { refillAfter = now + settings.horizon / 4 }
        }
        return action(item, isNewest: isNewest)
    }

    /// The larger of each, in the order in which a kill in between can only leave too much held. What was granted while
    /// Redis is learning may be somebody else's by now.
    private mutating func merge(_ item: SyncReply.Item, isLearning: Bool) {
        let (returnedNow, spentNow) = (max(returned, item.returned), max(spent, item.spent))
        let least = returnedNow + spentNow + reserved
        if granted < least { granted = least }
        returned = returnedNow
        spent = spentNow
        if !isLearning, granted < item.granted { granted = item.granted }
    }

    private mutating func action(_ item: SyncReply.Item, isNewest: Bool) -> LeaseAction {
        // The verdict of an overtaken reply is about a call that may be gone.
        if isNewest, item.isOtherVersion { return .reload }
        if isNewest {
            switch item.verdict {
            case .none: break
            case .granted: return .serve
            case .waiting:
                // It waits behind another holder's call: whoever holds part of what both need lets it go.
                if isRecalled { giveBack() }
                return .wait(retryAt: item.retryAt)
            case .refused:
                if isRecalled { giveBack() }
                return .refuse(amount: askedAmount, retryAt: item.retryAt)
            case .undecided: return .undecided
            }
        }
        return isRecalled && answerRecall() ? .sync : .none
    }
}
