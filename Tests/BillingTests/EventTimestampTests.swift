import Billing
import Testing

@Suite struct EventTimestampTests {
    private let hour: Int64 = 500_000
    private var start: Int64 { hour * 3600 }

    private func stamp(edges: [Int64] = [], now: Int64) -> EventTimestamp {
        EventTimestamp.of(hour: hour, periodEdges: edges, now: now)
    }

    @Test func `an hour without an edge is stamped with its start`() {
        #expect(stamp(now: start) == .sendable(start))
        #expect(stamp(edges: [start - 1, start + 3600], now: start + 10) == .sendable(start))
    }

    @Test func `the hour of an edge is stamped with the edge once it has passed`() {
        #expect(stamp(edges: [start + 1020], now: start + 1019) == .edgeNotPast(until: start + 1020))
        #expect(stamp(edges: [start + 1020], now: start + 1020) == .sendable(start + 1020))
        #expect(stamp(edges: [start], now: start) == .sendable(start))
        #expect(stamp(edges: [start + 3599], now: start + 3600) == .sendable(start + 3599))
    }

    @Test func `of several edges in an hour the last counts`() {
        #expect(stamp(edges: [start + 1800, start + 60], now: start + 100) == .edgeNotPast(until: start + 1800))
        #expect(stamp(edges: [start + 60, start + 1800], now: start + 1800) == .sendable(start + 1800))
    }

    @Test func `an hour that has not begun is not sent`() {
        #expect(stamp(now: start - 1) == .hourNotBegun(until: start))
    }

    @Test func `a stamp may be thirty-five days old and not a second older`() {
        let limit = start + 35 * 86_400
        #expect(stamp(now: limit) == .sendable(start))
        #expect(stamp(now: limit + 1) == .tooOld)
        #expect(stamp(edges: [start + 1], now: limit + 1) == .sendable(start + 1))
    }

    @Test func `a usage record may be of any hour of a long period`() {
        let now = start + 300 * 86_400
        #expect(EventTimestamp.of(hour: hour, periodEdges: [], now: now, isUsageRecord: true) == .sendable(start))
    }

    @Test func `no stamp lies in the future or before its hour`() {
        for offset in stride(from: Int64(-7200), through: 7200, by: 61) {
            for edge in stride(from: Int64(-3700), through: 3700, by: 97) {
                let now = start + offset
                guard case .sendable(let stamp) = stamp(edges: [start + edge], now: now) else { continue }
                #expect(stamp <= now && stamp >= start && stamp < start + 3600)
            }
        }
    }
}
