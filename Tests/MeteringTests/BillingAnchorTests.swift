import Testing

@testable import Metering

struct BillingAnchorTests {
    @Test func `a day that a month lacks is its last day, and comes back after it`() {
        let anchor = BillingAnchor(instant("2027-01-31T10:17:05Z"))
        let edges = (0...13).map { text(anchor.edge($0)) }
        #expect(
            edges == [
                "2027-01-31T10:17:05Z", "2027-02-28T10:17:05Z", "2027-03-31T10:17:05Z", "2027-04-30T10:17:05Z",
                "2027-05-31T10:17:05Z", "2027-06-30T10:17:05Z", "2027-07-31T10:17:05Z", "2027-08-31T10:17:05Z",
                "2027-09-30T10:17:05Z", "2027-10-31T10:17:05Z", "2027-11-30T10:17:05Z", "2027-12-31T10:17:05Z",
                "2028-01-31T10:17:05Z", "2028-02-29T10:17:05Z",
            ])
        #expect(text(anchor.edge(-2)) == "2026-11-30T10:17:05Z")
    }

    @Test(arguments: [
        ("2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("2028-01-30T00:00:00Z", "2028-02-29T00:00:00Z", "2028-01-30T00:00:00Z"),
        ("2026-01-31T00:00:00Z", "2027-01-31T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("2026-01-31T00:00:00Z", "2026-03-28T00:00:00Z", "2026-03-28T00:00:00Z"),
        ("2026-01-31T00:00:00Z", "2026-02-28T00:00:01Z", "2026-02-28T00:00:01Z"),
        ("2026-01-15T00:00:00Z", "2025-12-15T00:00:00Z", "2026-01-15T00:00:00Z"),
    ])
    func `a new period keeps the anchor whose sequence it is in`(old: String, start: String, expected: String) {
        let anchor = BillingAnchor.following(BillingAnchor(instant(old)), periodStart: instant(start))
        #expect(text(anchor.instant) == expected)
    }

    @Test func `the first period is the anchor`() {
        #expect(BillingAnchor.following(nil, periodStart: 1_234_567).instant == 1_234_567)
    }

    @Test func `every instant lies between its edge and the next`() {
        for day in ["2024-02-29", "2026-01-28", "2026-01-29", "2026-01-30", "2026-01-31", "2026-12-01"] {
            let anchor = BillingAnchor(instant("\(day)T23:59:59Z"))
            for offset in stride(from: -900, through: 900, by: 1) {
                for shift: Int64 in [-1, 0, 1] {
                    let probe = anchor.instant + Int64(offset) * 86_400 + shift
                    let index = anchor.index(at: probe)
                    guard anchor.edge(index) <= probe, probe < anchor.edge(index + 1) else {
                        Issue.record("\(text(probe)) is not in month \(index) of \(text(anchor.instant))")
                        return
                    }
                }
            }
        }
    }
}
