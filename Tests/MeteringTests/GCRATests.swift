import Metering
import Testing

struct GCRATests {
    private static let minute: Int64 = 60_000_000
    /// An instant in 2026, in Unix microseconds.
    private static let now: Int64 = 1_770_000_000_000_000

    @Test(
        arguments: [
            (1, minute), (2, 30_000_000), (7, 8_571_429), (20, 3_000_000), (1_000_000, 60), (59_999_999, 2),
            (60_000_000, 1),
        ] as [(Int64, Int64)])
    func `the interval is the period over the limit, rounded up`(limit: Int64, interval: Int64) throws {
        let rate = try #require(GCRA(limit: limit, periodMicroseconds: Self.minute, burst: 1))
        #expect(rate.intervalMicroseconds == interval)
    }

    @Test(arguments: [(0, 1), (-1, 1), (60_000_001, 1), (5, 0), (1, 5_259_601), (1, .max)] as [(Int64, Int64)])
    func `a rate that integers cannot keep is refused`(limit: Int64, burst: Int64) {
        #expect(GCRA(limit: limit, periodMicroseconds: Self.minute, burst: burst) == nil)
    }

    @Test func `a burst goes through at once and then one cell an interval`() throws {
        let rate = try #require(GCRA(limit: 20, periodMicroseconds: Self.minute, burst: 3))
        var arrival: Int64?
        for used in 1...3 {
            let outcome = rate.decide(arrival: arrival, now: Self.now, cells: 1)
            #expect(outcome.allowed && outcome.used == used && outcome.retryAfterMicroseconds == 0)
            arrival = outcome.newArrival
        }
        let refused = rate.decide(arrival: arrival, now: Self.now, cells: 1)
        #expect(!refused.allowed && refused.used == 3 && refused.retryAfterMicroseconds == 3_000_000)
        #expect(refused.newArrival == arrival)

        let early = rate.decide(arrival: arrival, now: Self.now + 2_999_999, cells: 1)
        #expect(!early.allowed && early.retryAfterMicroseconds == 1 && early.retryAfterMilliseconds == 1)
        let onTime = rate.decide(arrival: arrival, now: Self.now + 3_000_000, cells: 1)
        #expect(onTime.allowed && onTime.used == 3)
    }

    @Test func `a call for more cells than the burst is too large and changes nothing`() throws {
        let rate = try #require(GCRA(limit: 20, periodMicroseconds: Self.minute, burst: 3))
        let outcome = rate.decide(arrival: Self.now + 4_000_000, now: Self.now, cells: 4)
        #expect(!outcome.allowed && outcome.isTooLarge && outcome.retryAfterMilliseconds == -1)
        #expect(outcome.newArrival == Self.now + 4_000_000 && outcome.used == 2)
        #expect(rate.decide(arrival: nil, now: Self.now, cells: Amount.largest).isTooLarge)
    }

    @Test func `no cells are always allowed and show what is used`() throws {
        let rate = try #require(GCRA(limit: 20, periodMicroseconds: Self.minute, burst: 20))
        #expect(rate.decide(arrival: nil, now: Self.now, cells: 0).used == 0)
        let full = rate.decide(arrival: Self.now + Self.minute, now: Self.now, cells: 0)
        #expect(full.allowed && full.used == 20)
    }

    @Test func `an arrival time too far ahead waits no longer than the burst takes to drain`() throws {
        let rate = try #require(GCRA(limit: 60, periodMicroseconds: Self.minute, burst: 5))
        let outcome = rate.decide(arrival: Self.now + 900_000_000, now: Self.now, cells: 1)
        #expect(!outcome.allowed && outcome.used == 5 && outcome.retryAfterMicroseconds == 1_000_000)
        #expect(outcome.newArrival == Self.now + 5_000_000)
    }

    @Test func `an idle rate saves up no more than the burst`() throws {
        let rate = try #require(GCRA(limit: 60, periodMicroseconds: Self.minute, burst: 5))
        let outcome = rate.decide(arrival: Self.now - 86_400_000_000, now: Self.now, cells: 5)
        #expect(outcome.allowed && outcome.used == 5 && outcome.newArrival == Self.now + 5_000_000)
    }

    @Test func `the same call succeeds exactly when it was told, and not a microsecond before`() throws {
        for limit: Int64 in [1, 7, 20, 999, 59_999_999] {
            for burst: Int64 in [1, 2, 13] {
                let rate = try #require(GCRA(limit: limit, periodMicroseconds: Self.minute, burst: burst))
                let full = rate.decide(arrival: nil, now: Self.now, cells: burst)
                for cells in 1...burst {
                    let wait = rate.decide(arrival: full.newArrival, now: Self.now, cells: cells)
                    let at = Self.now + wait.retryAfterMicroseconds
                    #expect(!wait.allowed)
                    #expect(rate.decide(arrival: full.newArrival, now: at, cells: cells).allowed)
                    #expect(!rate.decide(arrival: full.newArrival, now: at - 1, cells: cells).allowed)
                }
            }
        }
    }

    @Test func `no stretch of time admits more than the limit and the burst`() throws {
        let rate = try #require(GCRA(limit: 7, periodMicroseconds: Self.minute, burst: 3))
        var arrival: Int64?
        var admitted: [Int64] = []
        for step: Int64 in 0..<20_000 {
            let now = Self.now + step * 37_123
            let outcome = rate.decide(arrival: arrival, now: now, cells: 1)
            if outcome.allowed {
                arrival = outcome.newArrival
                admitted.append(now)
            }
        }
        var first = 0
        for last in admitted.indices {
            while admitted[last] - admitted[first] >= Self.minute { first += 1 }
            #expect(last - first + 1 <= 7 + 3)
        }
        // 742 s at 7 a minute are 86 cells and a part, and the burst came on top.
        #expect(admitted.count == 89)
    }

    @Test func `the largest rate stays within what a double holds exactly`() throws {
        let rate = try #require(GCRA(limit: 1, periodMicroseconds: Self.minute, burst: 5_259_600))
        let year2235: Int64 = 8_362_000_000_000_000
        let outcome = rate.decide(arrival: .max, now: year2235, cells: 5_259_600)
        #expect(!outcome.allowed)
        #expect(outcome.newArrival + rate.toleranceMicroseconds < 1 << 53)
    }
}
