import Testing

@testable import Metering

@Suite struct `Cells in hand` {
    private static let life = RateHand.longestLife

    /// A hand of a rate with a cell each 10 µs, whose holder has been asked for `calls` cells one by one at `now`.
    private func busy(_ calls: Int, interval: Int64 = 10, now: Int64) -> RateHand {
        var hand = RateHand(interval: interval, horizon: 300_000)
        for _ in 0..<calls { hand.nothingChanged(hand.ask(1, now: now)) }
        return hand
    }

    @Test func `who is not busy wants no batch, and who is wants what was used in the last life of one`() {
        var idle = busy(2, now: 1_000_000)
        #expect(idle.ask(1, now: 1_000_000) == .none)
        var hand = busy(49, now: 1_000_000)
        let ask = hand.ask(1, now: 1_000_500)
        #expect(ask.wanted == 50)
        var rested = busy(49, now: 1_000_000)
        #expect(rested.ask(1, now: 1_000_000 + 2 * Self.life) == .none)
    }

    @Test func `a batch is no more than what flows back in a second`() {
        var slow = busy(49, interval: 200_000, now: 1_000_000)
        #expect(slow.ask(1, now: 1_000_000).wanted == 5)
        var hourly = busy(49, interval: 3_600_000_000, now: 1_000_000)
        #expect(hourly.ask(1, now: 1_000_000) == .none)
    }

    @Test func `a large call alone is not busy`() {
        var hand = RateHand(interval: 10, horizon: 300_000)
        #expect(hand.ask(1_000, now: 1_000_000) == .none)
    }

    @Test func `a batch is good for its life from the sending of the ask, and never longer than the horizon`() {
        for horizon: Int64 in [300_000, 20_000] {
            var hand = RateHand(interval: 10, horizon: horizon)
            for _ in 0..<9 { hand.nothingChanged(hand.ask(1, now: 1_000_000)) }
            let ask = hand.ask(1, now: 1_000_000)
            hand.granted(10, to: ask, sentAt: 1_000_000, grantedAt: 7)
            let end = 1_000_000 + min(horizon, Self.life)
            #expect(hand.has(10, now: end - 1) && !hand.has(11, now: end - 1) && !hand.has(1, now: end))
            #expect(hand.outstanding(now: end) == 10)
            #expect(hand.outstanding(now: end + RateHand.flowedBack) == 0, "they have flowed back long ago")
        }
    }

    @Test func `one ask at a time wants cells, and gives back all that are in hand`() {
        var hand = busy(10, now: 1_000_000)
        let first = hand.ask(1, now: 1_000_000)
        #expect(first.wanted == 11 && first.returned == 0)
        #expect(hand.ask(1, now: 1_000_001) == .none)
        hand.granted(9, to: first, sentAt: 1_000_000, grantedAt: 77)
        hand.take(4, now: 1_000_002)
        let second = hand.ask(6, now: 1_000_003)
        #expect(second.returned == 5 && second.returnedFrom == 77 && hand.outstanding(now: 1_000_003) == 0)
        hand.nothingChanged(second)
        #expect(hand.has(5, now: 1_000_004), "Redis refused the call, and took nothing back")
        let third = hand.ask(6, now: 1_000_005)
        hand.lost(third)
        #expect(hand.outstanding(now: 1_000_005) == 0, "said twice it would be cells from nowhere")
        #expect(hand.ask(6, now: 1_000_006).returned == 0)
    }

    @Test func `an ask without an answer does not stand in the way for ever`() {
        var hand = busy(10, now: 1_000_000)
        let lost = hand.ask(1, now: 1_000_000)
        for time in 0..<10 { _ = hand.ask(1, now: 1_000_000 + RateHand.longestAsk + Int64(time) * 10) }
        let next = hand.ask(1, now: 1_000_000 + RateHand.longestAsk + 100)
        #expect(next == .none, "a newer one is under way")
        hand.granted(3, to: lost, sentAt: 1_000_000, grantedAt: 5)
        #expect(hand.outstanding(now: 1_000_200) == 3 && !hand.has(1, now: 2_000_200), "it is given back, not spent")
    }

    @Test func `what was put down is given back and not spent`() {
        var hand = busy(10, now: 1_000_000)
        hand.granted(9, to: hand.ask(1, now: 1_000_000), sentAt: 1_000_000, grantedAt: 77)
        hand.putDown()
        #expect(!hand.has(1, now: 1_000_001))
        #expect(hand.ask(1, now: 1_000_001).returned == 9)
    }
}

@Suite struct `A refusal remembered` {
    private let refusal = RateRefusal(
        amount: 2, retry: 5_000_000, sentAt: 1_000_000, decidedAt: 1_000_400, interval: 1_000_000)

    @Test func `it counts down and ends`() {
        #expect(refusal.retry(amount: 2, now: 1_000_400) == 5_000)
        #expect(refusal.retry(amount: 2, now: 3_000_400) == 3_000)
        #expect(refusal.retry(amount: 2, now: 5_999_999) == 1)
        #expect(refusal.retry(amount: 2, now: 6_000_000) == nil, "whoever waited from before the answer may ask")
    }

    @Test func `it tells of other amounts, each an interval a cell later`() {
        #expect(refusal.retry(amount: 1, now: 1_000_400) == 4_000)
        #expect(refusal.retry(amount: 4, now: 1_000_400) == 7_000)
        #expect(refusal.retry(amount: 1, now: 5_000_000) == nil)
    }
}
