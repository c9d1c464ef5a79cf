/// The rules of the lease protocol that can be switched off, to see that the simulation notices.
struct Rules: OptionSet, Hashable, Sendable {
    let rawValue: Int

    /// F1: the lease keeps what was spent as a total of its own.
    static let spentInLease = Rules(rawValue: 1 << 0)
    /// F2: the reply states the whole row, not `granted` alone.
    static let wholeRow = Rules(rawValue: 1 << 1)
    /// F3: a lease lasts from the sending of the sync that renewed it.
    static let lastsFromSending = Rules(rawValue: 1 << 2)
    /// F3: at its end a lease gives itself back.
    static let endGivesBack = Rules(rawValue: 1 << 3)
    /// F4: a Redis that forgot learns before it grants.
    static let learning = Rules(rawValue: 1 << 4)
    /// F4: nothing is taken back while learning.
    static let learningKeeps = Rules(rawValue: 1 << 5)
    /// F4: what a learning Redis says raises nothing at the holder.
    static let learningRaisesNothing = Rules(rawValue: 1 << 6)
    /// F4: a sync names the life it was made for.
    static let namesLife = Rules(rawValue: 1 << 7)
    /// F4: what the holder believes it was granted is merged.
    static let belief = Rules(rawValue: 1 << 8)
    /// F5: a step of Redis's clock takes nothing back.
    static let clockSteps = Rules(rawValue: 1 << 9)
    /// F6: a lost ledger, and a second one under the same name, is another holder.
    static let incarnations = Rules(rawValue: 1 << 10)
    /// F12: a need is granted whole or not at all, and no fair share binds it.
    static let needsWhole = Rules(rawValue: 1 << 11)
    /// F12: while calls wait, prefetch gets nothing, and they are served in order.
    static let waitersFirst = Rules(rawValue: 1 << 12)
    /// F20: nothing is granted by another version of the tenant's record.
    static let versions = Rules(rawValue: 1 << 13)
    /// What crosses a border is a total, not a difference.
    static let totals = Rules(rawValue: 1 << 14)
    /// A late sync of an old period lands in the old one.
    static let periods = Rules(rawValue: 1 << 15)
    /// F23: what is reserved is taken back only after the reservation's end.
    static let reservations = Rules(rawValue: 1 << 16)

    /// F9: nothing is refunded before a Redis that forgot was told what was refunded before.
    static let refunds = Rules(rawValue: 1 << 17)

    static let all = Rules(rawValue: (1 << 18) - 1)

    static func without(_ rule: Rules) -> Rules { all.subtracting(rule) }
}
