import Billing
import TestSupport
import Testing

@Suite struct CheckDueTests {
    private let sixHours: Int64 = 21_600

    @Test func `more than four meters are compared less often each`() {
        #expect([0, 1, 4, 5, 8, 9].map { CheckDue.interval(100, meters: $0) } == [100, 100, 100, 200, 200, 300])
    }

    @Test func `an hour comes due once its summary is sure, at an instant of its tenant's own`() {
        let due = CheckDue.of(
            hour: 500_000, tenant: "acme", now: 500_000 * 3600 + 10, lag: 300, interval: sixHours)
        #expect(due >= 500_001 * 3600 + 300 && due < 500_001 * 3600 + 300 + sixHours)
        let offset = Int64(CheckDue.spread(of: "acme") % UInt64(sixHours))
        #expect((due - offset) % sixHours == 0)
    }

    @Test func `the hours of one tenant come due together, those of many are spread`() {
        func due(_ tenant: String, hour: Int64) -> Int64 {
            CheckDue.of(hour: hour, tenant: tenant, now: 0, lag: 300, interval: sixHours)
        }
        #expect(Set((500_000..<500_006).map { due("acme", hour: $0) }).count <= 2)
        #expect(Set((0..<1_000).map { due("t\($0)", hour: 500_000) }).count > 900)
    }

    @Test func `before the books of its period close it is compared as soon as it can be`() {
        let end: Int64 = 500_001 * 3600
        func due(_ close: Int64) -> Int64 {
            CheckDue.of(
                hour: 500_000, tenant: "acme", now: end, lag: 300, interval: sixHours, booksClose: close)
        }
        #expect(due(end + 3300) == end + 300 || due(end + 3300) < end + 3300)
        // Closed before its summary is sure: there is no hurry.
        #expect(due(end + 200) == due(.max))
    }

    @Test func `it is never before the summary is sure, and never later than an interval after that`() {
        var random = SeededRandom(for: "due checks")
        for _ in 0..<10_000 {
            let hour = Int64.random(in: 0...600_000, using: &random)
            let now = hour * 3600 + Int64.random(in: 0...1_000_000, using: &random)
            let interval = Int64.random(in: 1...100_000, using: &random)
            let lag = Int64.random(in: 0...3_600, using: &random)
            let earliest = max((hour + 1) * 3600, now) + lag
            let close: Int64? =
                Bool.random(using: &random) ? earliest + Int64.random(in: -9...99_999, using: &random) : nil
            let due = CheckDue.of(
                hour: hour, tenant: "t\(random.next())", now: now, lag: lag, interval: interval,
                booksClose: close)
            #expect(due >= earliest && due < earliest + interval)
            if let close, earliest < close { #expect(due < close) }
        }
    }
}
