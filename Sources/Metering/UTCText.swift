/// Instants as programs write them: RFC 3339 in UTC, to the second.
public enum UTCText {
    /// An instant in Unix seconds, such as `2026-11-01T00:00:00Z`.
    public static func text(_ instant: Int64) -> String {
        let (date, second) = CivilDate.split(instant)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, to: 2) }.joined(separator: ":")
        return "\(padded(date.year, to: 4))-\(padded(date.month, to: 2))-\(padded(date.day, to: 2))T\(clock)Z"
    }

    private static func padded(_ number: Int64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
