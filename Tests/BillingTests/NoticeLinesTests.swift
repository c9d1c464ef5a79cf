import Billing
import TestSupport
import Testing

@Suite struct NoticeLinesTests {
    private static let start: Int64 = 1_790_000_000_000
    private static let away = NoticeOutcome.unanswered("no connection")
    private static let day: Int64 = 86_400_000

    private func notice(_ tenant: String, _ number: Int64, partition: Int = 0) -> Notice {
        Notice(
            partition: partition, id: Notice.ID(milliseconds: Self.start, sequence: number), tenant: tenant,
            type: "threshold.crossed", data: "{}")
    }

    /// A line for each tenant of these notices; no chance shortens a wait.
    private func lines(_ notices: [Notice], capacity: Int = 100, mostInLine: Int = 16) -> NoticeLines {
        var lines = NoticeLines(
            capacity: capacity, mostInLine: mostInLine, backoff: RetryBackoff(first: .seconds(1), longest: .seconds(8)))
        for notice in notices { lines.add(notice) }
        return lines
    }

    @discardableResult
    private func end(_ notice: Notice?, _ outcome: NoticeOutcome, at now: Int64, _ lines: inout NoticeLines) throws
        -> NoticeVerdict
    {
        try lines.ended(#require(notice), outcome, now: now, random: 1)
    }

    @Test func `a tenant's second notice waits for the first, and nobody else's does`() throws {
        let (first, second, other) = (notice("a", 1), notice("a", 2), notice("b", 3))
        var lines = lines([first, second, other])
        #expect(lines.next(now: Self.start) == first)
        #expect(lines.next(now: Self.start) == other)
        #expect(lines.next(now: Self.start) == nil, "one at a time of each")
        #expect(
            try end(first, .refused(status: 400, retryAfter: nil), at: Self.start, &lines)
                == .retry(at: Self.start + 1000))
        #expect(try end(other, .delivered, at: Self.start, &lines) == .delivered)
        #expect(lines.remove(other) == nil)
        #expect(lines.next(now: Self.start + 999) == nil)
        #expect(lines.next(now: Self.start + 1000) == first)
        try end(first, .delivered, at: Self.start, &lines)
        #expect(lines.remove(first) == nil && lines.next(now: Self.start) == second)
    }

    @Test func `waits double up to the longest, until the day is over`() throws {
        let only = notice("a", 1)
        var lines = lines([only])
        var now = Self.start
        var waits: [Int64] = []
        for _ in 0..<6 {
            guard case .retry(let next) = try end(lines.next(now: now), Self.away, at: now, &lines) else { break }
            waits.append((next - now) / 1000)
            now = next
        }
        #expect(waits == [1, 2, 4, 8, 8, 8])
        now = Self.start + Self.day - 500
        #expect(try end(lines.next(now: now), Self.away, at: now, &lines) == .retry(at: Self.start + Self.day))
        now = Self.start + Self.day
        #expect(
            try end(lines.next(now: now), Self.away, at: now, &lines)
                == .drop("not delivered within 24 h: no connection"))
        #expect(lines.remove(only) == nil && lines.count == 0)
    }

    @Test func `a notice that was never tried is tried once, however old it is`() throws {
        var lines = lines([notice("a", 1)])
        let now = Self.start + 3 * Self.day
        #expect(try end(lines.next(now: now), .delivered, at: now, &lines) == .delivered)
    }

    @Test func `the receiver's own word makes a wait longer, up to an hour`() throws {
        var lines = lines([notice("a", 1), notice("b", 2)])
        let (one, other) = (lines.next(now: Self.start), lines.next(now: Self.start))
        let asked = NoticeOutcome(status: 429, retryAfter: "30")
        #expect(try end(one, asked, at: Self.start, &lines) == .retry(at: Self.start + 30_000))
        let tooLong = NoticeOutcome(status: 503, retryAfter: "999999")
        #expect(try end(other, tooLong, at: Self.start, &lines) == .retry(at: Self.start + 3_600_000))
    }

    @Test func `a receiver that is back ends the waits for it, and not those that one notice met alone`() throws {
        var lines = lines([notice("a", 1), notice("b", 2), notice("c", 3)])
        let all = (0..<3).map { _ in lines.next(now: Self.start) }
        try end(all[0], Self.away, at: Self.start, &lines)
        try end(all[1], .refused(status: 404, retryAfter: nil), at: Self.start, &lines)
        #expect(lines.next(now: Self.start + 1) == nil)
        try end(all[2], .delivered, at: Self.start + 1, &lines)
        _ = lines.remove(notice("c", 3))
        #expect(lines.next(now: Self.start + 1)?.tenant == "a")
        #expect(lines.next(now: Self.start + 1) == nil)
    }

    @Test func `a receiver that is gone is left alone for an hour`() throws {
        var lines = lines([notice("a", 1), notice("b", 2)])
        try end(lines.next(now: Self.start), NoticeOutcome(status: 410, retryAfter: nil), at: Self.start, &lines)
        #expect(lines.next(now: Self.start + NoticeLines.pauseWhenGone - 1) == nil)
        #expect(lines.next(now: Self.start + NoticeLines.pauseWhenGone) != nil)
    }

    @Test(arguments: [(200, true), (204, true), (299, true), (301, false), (400, false), (500, false)])
    func `every 2xx is a yes, and nothing else`(status: Int, isYes: Bool) {
        #expect((NoticeOutcome(status: status, retryAfter: nil) == .delivered) == isYes)
    }

    @Test func `what is read twice stands in line once`() {
        var lines = lines([notice("a", 1), notice("a", 2)])
        lines.add(notice("a", 1))
        lines.add(notice("a", 2))
        #expect(lines.count == 2)
        lines.removeAll()
        #expect(lines.count == 0 && !lines.holds(partition: 0))
    }

    @Test func `a notice that was forgotten while it was under way is taken again`() throws {
        let only = notice("a", 1)
        var lines = lines([only])
        #expect(lines.next(now: Self.start) == only)
        lines.removeAll()
        #expect(try end(only, .refused(status: 500, retryAfter: nil), at: Self.start, &lines) == .retry(at: Self.start))
        lines.add(only)
        #expect(lines.count == 1 && lines.next(now: Self.start) == only)
    }

    @Test func `a line that was full says from where to read on, and keeps its order`() throws {
        let notices = (1...5).map { notice("a", $0) }
        var lines = lines(notices, mostInLine: 2)
        #expect(lines.count == 2)
        var delivered: [Notice] = []
        while let next = lines.next(now: Self.start) {
            try end(next, .delivered, at: Self.start, &lines)
            delivered.append(next)
            guard let from = lines.remove(next) else { continue }
            for notice in notices where notice.id > from { lines.add(notice) }
        }
        #expect(delivered == notices)
    }

    @Test func `no more stand in line than have room`() {
        let lines = lines((1...3).map { notice("t\($0)", $0, partition: 7) }, capacity: 3)
        #expect(!lines.hasRoom && lines.holds(partition: 7) && !lines.holds(partition: 0))
    }

    @Test func `an id is read as the stream writes it`() {
        #expect(Notice.ID("1790000000000-3") == Notice.ID(milliseconds: Self.start, sequence: 3))
        #expect(Notice.ID("179") == nil && Notice.ID("a-1") == nil)
        #expect(notice("a", 3, partition: 9).name == "1790000000000-3-p9")
    }
}
