internal import Metering

/// What this holder has in hand and knows of one tenant's rate. In memory only: cells are no usage, so nothing of it is
/// owed to anybody. Lives on the gate's loop.
final class HeldRate {
    /// Its meter's name, by which it is found again in another catalogue.
    let meterName: [UInt8]
    let terms: RateTerms
    var hand: RateHand
    /// What Redis last refused, while that may hold; the edition of its memory that said so, see ``PartitionViews``;
    /// and when it is asked whether that still holds.
    private var refusal: RateRefusal?
    private var refusedIn = 0
    private var believedUntil: Int64 = 0
    /// A refusal is believed so long: who is let go by an operator need not wait for the whole of it.
    private static let longestBelief: Int64 = 5_000_000
    /// Past it the calls of one turn in so long ask.
    private static let askInterval: Int64 = 100_000
    /// The arrival time of the next cell on the boot clock as last heard, without the cells in hand; nil before that.
    private var arrival: Int64?

    init(meterName: [UInt8], terms: RateTerms, horizon: Int64) {
        self.meterName = meterName
        self.terms = terms
        hand = RateHand(interval: terms.rate?.intervalMicroseconds ?? 1, horizon: horizon)
    }

    /// Whether Redis has ever told of it.
    var isHeard: Bool { arrival != nil }

    /// The burst less the cells that are free now, those in hand among the free ones.
    func used(now: Int64) -> Int64 {
        guard let rate = terms.rate, let arrival, arrival > now else { return 0 }
        return min(rate.burst, (arrival - now - 1) / rate.intervalMicroseconds + 1)
    }

    /// Milliseconds until a call that Redis is known to refuse can succeed; nil when Redis has to be asked.
    func retry(_ amount: Int64, now: Int64, edition: Int) -> Int64? {
        guard now < believedUntil, refusedIn == edition else { return nil }
        return refusal?.retry(amount: amount, now: now)
    }

    /// A call goes to Redis: until it is answered the others go by what was said before.
    func asks(now: Int64) { believedUntil = max(believedUntil, now + Self.askInterval) }

    /// Spends cells in hand.
    func take(_ amount: Int64, now: Int64) {
        guard let rate = terms.rate else { return }
        hand.take(amount, now: now)
        arrival = max(arrival ?? now, now) + amount * rate.intervalMicroseconds
    }

    /// Redis said at `instant` how many cells are used, those in hand left out.
    func heard(used: Int64, at instant: Int64) {
        guard let rate = terms.rate else { return }
        arrival = instant + min(used, rate.burst) * rate.intervalMicroseconds
    }

    /// Redis refused a call, asked at `sentAt` and decided at `instant`, in this edition of its memory.
    func refused(_ amount: Int64, retryAfterMilliseconds: Int64, sentAt: Int64, at instant: Int64, edition: Int) {
        guard let rate = terms.rate, amount <= rate.burst else { return }
        refusal = RateRefusal(
            amount: amount, retry: retryAfterMilliseconds * 1000, sentAt: sentAt, decidedAt: instant,
            interval: rate.intervalMicroseconds)
        (refusedIn, believedUntil) = (edition, sentAt + Self.longestBelief)
    }

    /// Redis let a call through: what it refused before says nothing any more.
    func wasAllowed() { refusal = nil }

    /// The tenant's record was read anew, or the catalogue: nothing is decided by what was known before.
    func putDown() {
        hand.putDown()
        refusal = nil
    }
}
