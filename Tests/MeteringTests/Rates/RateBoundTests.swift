import Metering
import TestSupport
import Testing

/// Several holders at one rate, with calls, lost answers and give-backs in a random order.
@Suite struct `What passes a rate` {
    /// What was let through, and when.
    private func play(_ rate: GCRA, _ random: inout SeededRandom) -> [(instant: Int64, cells: Int64)] {
        var hands = (0..<3).map { _ in RateHand(interval: rate.intervalMicroseconds, horizon: 300_000) }
        var bucket = RateBucket()
        var passed: [(Int64, Int64)] = []
        var now: Int64 = 1_000_000
        for _ in 0..<6000 {
            // Crowds, and pauses in which the burst becomes whole.
            let isPause = Int.random(in: 0..<300, using: &random) == 0
            now +=
                isPause ? rate.toleranceMicroseconds : Int64.random(in: 0...rate.intervalMicroseconds, using: &random)
            let index = Int.random(in: 0..<hands.count, using: &random)
            let cells = Int64.random(in: 1...min(3, rate.burst), using: &random)
            if hands[index].has(cells, now: now) {
                hands[index].take(cells, now: now)
                passed.append((now, cells))
                continue
            }
            let sentAt = now - Int64.random(in: 0..<2000, using: &random)
            let ask = hands[index].ask(cells, now: sentAt)
            var next = bucket
            next.takeBack(ask.returned, grantedAt: ask.returnedFrom, now: now, rate: rate)
            let outcome = rate.decide(arrival: next.arrival, now: now, cells: cells)
            guard outcome.allowed else {
                hands[index].nothingChanged(ask)
                continue
            }
            next.store(arrival: outcome.newArrival, now: now, rate: rate)
            let granted = next.grant(ask.wanted, now: now, rate: rate)
            bucket = next
            passed.append((now, cells))
            if Int.random(in: 0..<50, using: &random) == 0 {
                hands[index].lost(ask)
            } else {
                hands[index].granted(granted, to: ask, sentAt: sentAt, grantedAt: now)
            }
        }
        return passed
    }

    @Test(arguments: [(1_000_000, 500), (60_000, 40), (600_000, 900), (6_000, 19)] as [(Int64, Int64)])
    func `no span of time lets more through than the burst and the rate of the span and one life`(
        perMinute: Int64, burst: Int64
    ) throws {
        let rate = try #require(GCRA(limit: perMinute, periodMicroseconds: 60_000_000, burst: burst))
        var random = SeededRandom(for: "what passes a rate")
        var isAtEdge = false
        for _ in 0..<4 {
            let passed = play(rate, &random)
            // Of all spans it is enough to look at those that begin and end with a call: the most that any of them is
            // above its rate is a running maximum.
            var (level, latest) = (Int64(0), passed[0].instant)
            let most = (burst + RateHand.longestLife / rate.intervalMicroseconds + 1) * rate.intervalMicroseconds
            for (instant, cells) in passed {
                level = max(0, level - (instant - latest)) + cells * rate.intervalMicroseconds
                latest = instant
                #expect(level <= most)
                if level > rate.toleranceMicroseconds - rate.intervalMicroseconds { isAtEdge = true }
            }
        }
        #expect(isAtEdge, "the history is no test of the bound")
    }
}
