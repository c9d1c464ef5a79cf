import Metering
import Testing

@Suite struct `Cells granted in advance` {
    /// A cell each millisecond, 80 at once.
    private let rate: GCRA
    private let start: Int64 = 1_770_000_000_000_000

    init() throws {
        rate = try #require(GCRA(limit: 60_000, periodMicroseconds: 60_000_000, burst: 80))
    }

    /// Takes `cells` in one call. Returns whether it was let through.
    @discardableResult
    private func take(_ cells: Int64, _ bucket: inout RateBucket, at now: Int64) -> Bool {
        bucket.takeBack(0, grantedAt: 0, now: now, rate: rate)
        let outcome = rate.decide(arrival: bucket.arrival, now: now, cells: cells)
        if outcome.allowed { bucket.store(arrival: outcome.newArrival, now: now, rate: rate) }
        return outcome.allowed
    }

    private func free(_ bucket: RateBucket, at now: Int64) -> Int64 {
        80 - rate.decide(arrival: bucket.arrival, now: now, cells: 0).used
    }

    @Test func `they are a share of what is free, and none near the edge`() {
        var bucket = RateBucket()
        take(8, &bucket, at: start)
        #expect(bucket.grant(50, now: start, rate: rate) == 9)
        #expect(bucket.grant(3, now: start, rate: rate) == 3)
        #expect(free(bucket, at: start) == 60)
        take(53, &bucket, at: start)
        #expect(bucket.grant(50, now: start, rate: rate) == 0)
        #expect(free(bucket, at: start) == 7)
    }

    @Test func `what was not spent of them is given back`() {
        var bucket = RateBucket()
        take(8, &bucket, at: start)
        #expect(bucket.grant(9, now: start, rate: rate) == 9)
        take(20, &bucket, at: start + 1000)
        bucket.takeBack(9, grantedAt: start, now: start + 2000, rate: rate)
        #expect(free(bucket, at: start + 2000) == 80 - 8 - 20 + 2)
    }

    @Test func `what has flowed back by itself is not given back as well`() {
        var bucket = RateBucket()
        take(1, &bucket, at: start)
        #expect(bucket.grant(9, now: start, rate: rate) == 9)
        let later = start + 50_000
        #expect(take(80, &bucket, at: later), "the burst is whole again")
        bucket.takeBack(9, grantedAt: start, now: later, rate: rate)
        #expect(free(bucket, at: later) == 0)
        #expect(!take(1, &bucket, at: later))
    }

    @Test func `nor is it where another's cells coming back have made the burst whole`() {
        var bucket = RateBucket()
        take(1, &bucket, at: start)
        #expect(bucket.grant(9, now: start, rate: rate) == 9)
        #expect(bucket.grant(8, now: start, rate: rate) == 8)
        bucket.takeBack(9, grantedAt: start, now: start + 12_000, rate: rate)
        #expect(free(bucket, at: start + 12_000) == 80)
        #expect(take(80, &bucket, at: start + 12_000))
        bucket.takeBack(8, grantedAt: start, now: start + 12_000, rate: rate)
        #expect(free(bucket, at: start + 12_000) == 0)
    }

    @Test func `nor where more was let through than the burst had`() {
        var bucket = RateBucket()
        take(1, &bucket, at: start)
        #expect(bucket.grant(9, now: start, rate: rate) == 9)
        bucket.store(arrival: .max, now: start, rate: rate)
        bucket.takeBack(9, grantedAt: start, now: start, rate: rate)
        #expect(free(bucket, at: start) == 0)
    }
}
