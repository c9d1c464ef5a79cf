/// The cells of a rate that one holder has in hand: granted by Redis in a small batch, and spent without asking.
///
/// Cells are no usage, so they live in memory only: a holder that dies loses them, and time brings them back. What is
/// granted is good for ``life`` from the *sending* of the ask, so whatever is spent in a span of time was granted in
/// that span or at most one life before it: with any number of holders, at most `burst + rate * (span + life)` pass.
///
/// Times are microseconds of the holder's boot clock, but for instants at which Redis granted.
public struct RateHand: Sendable, Equatable {
    /// The longest that a batch is good.
    public static let longestLife: Int64 = 100_000
    /// A batch is never more than what flows back in this time: so much is lost at most with a holder that falls idle
    /// or dies, however slow the rate and large the burst.
    static let flowedBack: Int64 = 1_000_000
    /// The longest that an ask without an answer stands in the way of the next.
    static let longestAsk: Int64 = 1_000_000

    private let life: Int64
    private let most: Int64
    private var cells: Int64 = 0
    private var goodUntil: Int64 = 0
    /// When all of them have flowed back into the burst by themselves, spent or not.
    private var flownBackAt: Int64 = 0
    /// When the first of them was granted, on Redis's clock.
    private var grantedAt: Int64 = 0
    private var demand: RateDemand
    private var asks = 0
    private var isAsking = false
    private var askedAt: Int64 = 0

    /// - Parameters:
    ///   - interval: the time of one cell.
    ///   - horizon: how long a total may stay unsent; cells are not good for longer either.
    public init(interval: Int64, horizon: Int64) {
        life = min(Self.longestLife, max(0, horizon))
        most = Self.flowedBack / max(1, interval)
        demand = RateDemand(window: life)
    }

    /// Granted, and neither spent nor given back, be they still good or not; none once time has given them back.
    public func outstanding(now: Int64) -> Int64 { now < flownBackAt ? cells : 0 }

    /// Whether so many can be spent now.
    public func has(_ amount: Int64, now: Int64) -> Bool { now < goodUntil && amount <= cells }

    /// Spends cells, of which there are enough.
    public mutating func take(_ amount: Int64, now: Int64) {
        cells -= amount
        demand.note(amount, now: now)
    }

    /// What to say with a call for so many cells that Redis is to decide. One ask at a time wants something; it gives
    /// everything in hand back, since it asks for all that it will need.
    public mutating func ask(_ amount: Int64, now: Int64) -> RateAsk {
        demand.note(amount, now: now)
        guard !isAsking || now - askedAt >= Self.longestAsk else { return .none }
        let wanted = min(most, demand.recent(now: now))
        guard wanted > 0 || cells > 0 else { return .none }
        asks += 1
        (isAsking, askedAt) = (true, now)
        let ask = RateAsk(
            number: asks, wanted: wanted, returned: cells, returnedFrom: grantedAt, goodUntil: goodUntil)
        cells = 0
        return ask
    }

    /// Redis has heard the ask, which was sent at `sentAt`, and granted so many cells at `grantedAt` of its clock.
    public mutating func granted(_ amount: Int64, to ask: RateAsk, sentAt: Int64, grantedAt: Int64) {
        end(ask)
        add(amount, goodUntil: sentAt + life, grantedAt: grantedAt)
    }

    /// Redis has changed nothing: what was to be given back is still here.
    public mutating func nothingChanged(_ ask: RateAsk) {
        end(ask)
        add(ask.returned, goodUntil: ask.goodUntil, grantedAt: ask.returnedFrom)
    }

    /// Nobody knows whether Redis has heard the ask. What it gave back is not given back again: said twice, it would be
    /// cells that nobody was granted.
    public mutating func lost(_ ask: RateAsk) { end(ask) }

    /// Nothing in hand is to be spent any more, by terms that may be others; it goes back with the next ask.
    public mutating func putDown() { goodUntil = 0 }

    private mutating func end(_ ask: RateAsk) {
        if ask.number == asks { isAsking = false }
    }

    private mutating func add(_ amount: Int64, goodUntil: Int64, grantedAt: Int64) {
        guard amount > 0 else { return }
        let isFirst = cells == 0
        self.goodUntil = isFirst ? goodUntil : min(goodUntil, self.goodUntil)
        let flownBackAt = goodUntil + Self.flowedBack
        self.flownBackAt = isFirst ? flownBackAt : max(flownBackAt, self.flownBackAt)
        self.grantedAt = isFirst ? grantedAt : min(grantedAt, self.grantedAt)
        cells += amount
    }
}
