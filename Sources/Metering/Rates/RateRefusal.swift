/// What Redis last said of a rate that was used up, for as long as it holds. Times are microseconds of the holder's
/// boot clock.
///
/// Only time makes an arrival time less far ahead, so one refusal tells of every amount when it can first succeed.
/// That another holder gives cells back is not counted on.
public struct RateRefusal: Sendable, Equatable {
    /// When a call for no cells could have succeeded, which is long past, and how long after the surest instant for it
    /// that may be.
    private let base: Int64
    private let slack: Int64
    private let interval: Int64

    /// - Parameters:
    ///   - amount: what was refused.
    ///   - retry: microseconds until it can succeed.
    ///   - sentAt: when Redis was asked, which is before it looked.
    ///   - decidedAt: when it looked, or a little later.
    public init(amount: Int64, retry: Int64, sentAt: Int64, decidedAt: Int64, interval: Int64) {
        base = decidedAt + retry - amount * interval
        slack = max(0, decidedAt - sentAt)
        self.interval = interval
    }

    /// Milliseconds until a call for so many cells can succeed; nil if it may succeed now.
    ///
    /// It is believed a little shorter than it is told: whoever waits as told must not be refused for the time that
    /// the answer was on its way.
    public func retry(amount: Int64, now: Int64) -> Int64? {
        let instant = base + amount * interval
        guard now < instant - slack else { return nil }
        return max(1, (instant - now + 999) / 1000)
    }
}
