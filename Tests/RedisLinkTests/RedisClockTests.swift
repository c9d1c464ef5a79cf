import Testing

@testable import RedisLink

@Suite struct RedisClockTests {
    @Test func `an instant is never later than Redis shows`() {
        var clock = RedisClock()
        #expect(!clock.isSet)
        clock.observe(redisTime: 5_000_300, received: 1_000_500)
        #expect(clock.isSet && clock.time(at: 1_000_500) == 5_000_300)
    }

    @Test func `the tightest bound of the last seconds counts`() {
        var clock = RedisClock()
        clock.observe(redisTime: 4_000_000, received: 0)
        clock.observe(redisTime: 4_000_900, received: 1000)
        #expect(clock.time(at: 1000) == 4_001_000)
        clock.observe(redisTime: 4_002_100, received: 2000)
        #expect(clock.time(at: 2000) == 4_002_100)
    }

    @Test func `a step back is followed once the old bounds are old`() {
        var clock = RedisClock()
        clock.observe(redisTime: 90_000_000, received: 0)
        for second in 1...3 as ClosedRange<Int64> {
            clock.observe(redisTime: 50_000_000 + second * 1_000_000, received: second * 1_000_000)
        }
        #expect(clock.time(at: 3_000_000) == 53_000_000)
    }

    @Test func `a step forward is followed at once`() {
        var clock = RedisClock()
        clock.observe(redisTime: 10_000_000, received: 0)
        clock.observe(redisTime: 70_000_010, received: 10)
        #expect(clock.time(at: 10) == 70_000_010)
    }
}
