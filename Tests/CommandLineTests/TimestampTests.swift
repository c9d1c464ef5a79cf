import Testing

@testable import tollgate

@Suite struct `Times` {
    @Test(arguments: [
        ("1970-01-01", 0, "1970-01-01T00:00:00Z"),
        ("2026-11-01T00:00:00Z", 1_793_491_200_000, "2026-11-01T00:00:00Z"),
        ("2026-11-01T02:00:00+02:00", 1_793_491_200_000, "2026-11-01T00:00:00Z"),
        ("2026-10-31t19:30:00-04:30", 1_793_491_200_000, "2026-11-01T00:00:00Z"),
        ("2024-02-29T23:59:59.5z", 1_709_251_199_500, "2024-02-29T23:59:59.500Z"),
        ("2024-02-29T23:59:59.007999Z", 1_709_251_199_007, "2024-02-29T23:59:59.007Z"),
        ("2000-02-29", 951_782_400_000, "2000-02-29T00:00:00Z"),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000, "9999-12-31T23:59:59Z"),
    ])
    func `a time is read and written back in UTC`(text: String, milliseconds: Int64, written: String) throws {
        let time = try #require(Timestamp(text))
        #expect(time.milliseconds == milliseconds)
        #expect(time.text == written)
        #expect(Timestamp(time.text) == time)
    }

    @Test(arguments: [
        "", "now", "2026-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "1969-12-31",
        "2026-11-01T00:00:00", "2026-11-01T24:00:00Z", "2026-11-01T00:60:00Z", "2026-11-01T00:00:60Z",
        "2026-11-01 00:00:00", "2026-11-01T00:00:00+24:00", "2026-11-01T00:00:00Z ", "٢٠٢٦-11-01",
    ])
    func `what is no time is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0ms"), (250, "250ms"), (1_000, "1s"), (65_000, "1m 5s"), (3_600_000, "1h"), (273_600_000, "3d 4h"),
            (86_400_000, "1d"), (1_250, "1s"),
        ] as [(Int64, String)])
    func `a wait is said in its two largest units`(milliseconds: Int64, text: String) {
        #expect(WaitText.format(milliseconds: milliseconds) == text)
    }
}
