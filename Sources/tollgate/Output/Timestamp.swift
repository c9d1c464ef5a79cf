/// Times as RFC 3339 writes them, to the millisecond, for the years 1970 to 9999.
struct Timestamp: Equatable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    let milliseconds: Int64

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    init(seconds: Int64) { milliseconds = seconds * 1000 }

    /// Reads `2026-11-01T00:00:00Z`, with or without a fraction, or with an offset in place of the Z; or a day alone,
    /// which is its midnight in UTC. Nil for anything else, a day that no calendar has included. Digits past the
    /// millisecond are dropped.
    init?(_ text: String) {
        let pattern =
            /(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d)))?/
        guard text.utf8.allSatisfy({ $0 < 0x80 }), let match = try? pattern.wholeMatch(in: text)?.output,
            let year = Int64(match.1), let month = Int64(match.2), let day = Int64(match.3)
        else { return nil }
        func number(_ part: Substring?) -> Int64 { part.flatMap { Int64($0) } ?? 0 }
        let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
        let (offsetHours, offsetMinutes) = (number(match.9), number(match.10))
        guard let days = Timestamp.days(year: year, month: month, day: day), hour < 24, minute < 60, second < 60,
            offsetHours < 24, offsetMinutes < 60
        else { return nil }
        let fraction = number(match.7.map { ($0 + "00").prefix(3) })
        let offset = (match.8 == "-" ? -60 : 60) * (offsetHours * 60 + offsetMinutes)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        guard (0...253_402_300_799).contains(seconds) else { return nil }
        milliseconds = seconds * 1000 + fraction
    }

    /// In UTC; with a fraction only if there is one.
    var text: String {
        let seconds = milliseconds / 1000
        let (year, month, day) = Timestamp.date(daysSinceEpoch: seconds / 86_400)
        let ofDay = seconds % 86_400
        func pad(_ value: Int64, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let fraction = milliseconds % 1000
        return "\(pad(year, 4))-\(pad(month))-\(pad(day))T\(pad(ofDay / 3_600)):\(pad(ofDay / 60 % 60)):"
            + "\(pad(ofDay % 60))\(fraction == 0 ? "" : ".\(pad(fraction, 3))")Z"
    }

    /// Days since 1970-01-01 of a day that exists; nil of one that does not.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard year >= 1969, (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Years begin in March here, so that the leap day is their last; 719468 days lie before 1970.
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return date(daysSinceEpoch: days) == (year, month, day) ? days : nil
    }

    /// The inverse. The proleptic Gregorian calendar repeats every 146097 days, 400 years.
    private static func date(daysSinceEpoch: Int64) -> (Int64, Int64, Int64) {
        let shifted = daysSinceEpoch + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
