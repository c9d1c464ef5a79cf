/// Durations as settings write them: a whole number and a unit, `250ms`, `60s`, `15m`, `48h`, `7d`, `7y`.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    /// A year is 365 days. It is read and never written: what is told in days stays so.
    private static let year: (suffix: String, milliseconds: Int64) = ("y", 365 * 86_400_000)

    /// Nil if the text is not a duration, or is one of over a million years.
    static func parse(_ text: String) -> Duration? {
        guard let (number, suffix) = splitNumber(text),
            let unit = (units + [year]).first(where: { $0.suffix == suffix })
        else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// The duration in the largest unit that shows it as a whole number, to the millisecond.
    static func format(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        let whole = Int64(milliseconds)
        let unit = units.last { whole % $0.milliseconds == 0 && whole >= $0.milliseconds } ?? units[0]
        return "\(whole / unit.milliseconds)\(unit.suffix)"
    }
}

/// Splits `48h` into 48 and `h`. Nil without digits in front, or with too many of them.
func splitNumber(_ text: String) -> (number: Int64, suffix: String)? {
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard let number = Int64(Substring(digits)) else { return nil }
    return (number, String(text.dropFirst(digits.count)))
}
