import TestSupport
import Testing

@testable import StripeAPI

@Suite struct PacingTests {
    @Test func `a tenth of a second's calls may go at once and the rest come evenly`() {
        var bucket = TokenBucket(perSecond: 80)
        let waits = (0..<12).map { _ in bucket.take(at: .seconds(5), longest: .seconds(10)) }
        #expect(waits[..<8].allSatisfy { $0 == .zero })
        #expect(Array(waits[8...]) == [12_500, 25_000, 37_500, 50_000].map { Duration.microseconds($0) })
    }

    @Test func `no second holds more calls than its rate and the saved ones`() {
        var bucket = TokenBucket(perSecond: 20)
        var instants: [Duration] = []
        for step in 0..<2000 {
            let now = Duration.milliseconds(step * 3)
            if let wait = bucket.take(at: now, longest: .milliseconds(200)) { instants.append(now + wait) }
        }
        for (index, start) in instants.enumerated() {
            let inSecond = instants[index...].prefix { $0 < start + .seconds(1) }.count
            #expect(inSecond <= 22)
        }
        #expect(instants.count > 100)
    }

    @Test func `tokens saved while idle are bounded`() {
        var bucket = TokenBucket(perSecond: 50)
        _ = bucket.take(at: .zero, longest: .zero)
        let free = (0..<20).filter { _ in bucket.take(at: .seconds(100), longest: .zero) != nil }.count
        #expect(free == 5)
    }

    @Test func `a refused wait takes no token`() {
        var bucket = TokenBucket(perSecond: 1)
        #expect(bucket.take(at: .zero, longest: .zero) == .zero)
        for _ in 0..<100 { #expect(bucket.take(at: .zero, longest: .milliseconds(999)) == nil) }
        #expect(bucket.take(at: .zero, longest: .seconds(1)) == .seconds(1))
    }

    @Test func `callers sleep by the injected clock`() async throws {
        let clock = StoppedClock()
        let pacer = Pacer(perSecond: 10, clock: CallClock(clock))
        for _ in 0..<31 { try await pacer.waitTurn(longest: .seconds(10)) }
        #expect(clock.now.offset == .seconds(3))
    }

    @Test func `a caller cancelled while it waits is told so`() async throws {
        let pacer = Pacer(perSecond: 1, clock: CallClock(ManualClock()))
        try await pacer.waitTurn(longest: .zero)
        let task = Task { try await pacer.waitTurn(longest: .seconds(60)) }
        task.cancel()
        let result = await task.result
        let error = #expect(throws: StripeError.self) { try result.get() }
        #expect(error?.code == StripeError.LocalCode.cancelled.rawValue)
    }
}
