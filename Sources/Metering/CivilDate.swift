/// A day of the proleptic Gregorian calendar, in integers. A period may be asked for with every decision, so this does
/// without Foundation's Calendar, whose date components cost far more than the divisions here.
struct CivilDate: Equatable {
    static let secondsPerDay: Int64 = 86_400

    var year: Int64
    /// 1 to 12.
    var month: Int64
    /// 1 to 31.
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date this many days after 1970-01-01. Counts in eras of 400 years that begin on 1 March, so that the leap
    /// day is the last of its year.
    init(daysSinceEpoch: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days after 1970-01-01, the inverse of `init(daysSinceEpoch:)`.
    var daysSinceEpoch: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The same day that many months later, or the last day of a month that has no such day.
    func addingMonths(_ months: Int64) -> CivilDate {
        let total = year * 12 + (month - 1) + months
        let newYear = floorDivide(total, 12)
        let newMonth = total - newYear * 12 + 1
        return CivilDate(
            year: newYear, month: newMonth, day: min(day, CivilDate.days(inMonth: newMonth, ofYear: newYear)))
    }

    /// How many calendar months the other date's month lies after this one's.
    func months(until other: CivilDate) -> Int64 {
        (other.year - year) * 12 + other.month - month
    }

    /// The UTC date and the seconds since its midnight of an instant in Unix seconds.
    static func split(_ instant: Int64) -> (date: CivilDate, secondOfDay: Int64) {
        let days = floorDivide(instant, secondsPerDay)
        return (CivilDate(daysSinceEpoch: days), instant - days * secondsPerDay)
    }

    private static func days(inMonth month: Int64, ofYear year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// The quotient rounded towards minus infinity. The divisor is positive.
func floorDivide(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    let quotient = dividend / divisor
    return dividend % divisor < 0 ? quotient - 1 : quotient
}
