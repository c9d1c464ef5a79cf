import Testing

@testable import Control

@Suite struct InstantTextTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-02T00:00:01Z", 86_401), ("2024-02-29", 1_709_164_800),
        ("2026-01-31T10:17:00+01:00", 1_769_851_020), ("2026-01-31T09:17:00.999Z", 1_769_851_020),
    ])
    func `dates and times are read`(text: String, seconds: Int64) {
        #expect(InstantText.seconds(text) == seconds)
    }

    @Test(arguments: [
        "", "2026-02-31", "2026-13-01", "2025-02-29", "2026-1-1", "20260101", "2026-01-31T10:17",
        "2026-01-31 10:17:00Z",
        "2026-01-31T10:17:00", "2026-02-31T10:17:00Z", "2026-01-31T10:17:00Zx", "1800000000",
    ])
    func `anything else is refused`(text: String) {
        #expect(InstantText.seconds(text) == nil)
    }

    @Test func `instants are written in UTC`() {
        #expect(InstantText.text(1_769_851_020) == "2026-01-31T09:17:00Z")
        #expect(InstantText.text(hour: 500_000) == "2027-01-15T08:00:00Z")
    }
}
