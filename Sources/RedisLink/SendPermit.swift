/// What came of asking to send an hour.
public enum SendPermit: Sendable, Equatable {
    /// Send this total. `isUnsettled`: an earlier send ended without an answer. `acknowledged`: what Stripe took last.
    /// `isCredit`: it is zero because no usage record can be below it, and the hour stays owed.
    case send(total: Int64, isUnsettled: Bool = false, acknowledged: Int64 = 0, isCredit: Bool = false)
    /// Send this range under its identifier.
    case sendRange(from: Int64, to: Int64, identifier: String)
    /// Read what Stripe recorded for the hour, and end the attempt with that.
    case compare
    /// Somebody sends it, the partition learns, requests of an earlier life may be under way, or a comparison has to
    /// wait, until this instant (microseconds of Redis's clock).
    case underWay(until: Int64)
    /// Nothing of it is owed by now.
    case settled
    /// It goes out with the next period.
    case late
    /// It is a dead letter.
    case dead
    /// It is below zero, which no usage record can be, and Stripe has zero: other hours are to carry it.
    case credit
}

/// What a partition answered to the hours that are to be sent.
public struct SendPermits: Sendable, Equatable {
    /// When the partition's life began, as Redis has it.
    public let life: String
    /// One for each request, in their order.
    public let permits: [SendPermit]
}
