import Foundation

/// Instants as people write them: RFC 3339 with an offset, or a date, which is its midnight in UTC.
enum InstantText {
    /// Seconds since the Unix epoch; nil for text that is neither.
    static func seconds(_ text: String) -> Int64? {
        let date = text.prefix(10)
        // Foundation rolls 31 February over to March, so the date has to come out as it went in.
        guard let day = parse("\(date)T00:00:00Z"), self.text(day).prefix(10) == date else { return nil }
        return text.count == 10 ? day : parse(text)
    }

    /// RFC 3339 in UTC, to the second.
    static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }

    /// RFC 3339 in UTC, to the millisecond.
    static func text(milliseconds: Int64) -> String {
        let digits = String(milliseconds % 1000)
        let fraction = String(repeating: "0", count: 3 - digits.count) + digits
        return "\(text(milliseconds / 1000).dropLast()).\(fraction)Z"
    }

    /// An hour since the Unix epoch, as its first second.
    static func text(hour: Int64) -> String { text(hour * 3600) }

    private static func parse(_ text: String) -> Int64? {
        // The style alone would take a text without an offset, or with something behind it.
        guard let match = text.wholeMatch(of: /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)/) else {
            return nil
        }
        do {
            return Int64(try Date("\(match.1)\(match.2)", strategy: .iso8601).timeIntervalSince1970)
        } catch {
            return nil
        }
    }
}
