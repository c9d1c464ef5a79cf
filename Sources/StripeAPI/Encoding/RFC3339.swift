/// The instants of the v2 API, `2026-01-15T10:20:52Z` (RFC 3339), as seconds since the Unix epoch.
enum RFC3339 {
    /// What can be written with four digits of year.
    static let writable: ClosedRange<Int64> = 0...253_402_300_799

    /// Twenty bytes for an instant of `writable`.
    static func append(_ seconds: Int64, to bytes: inout [UInt8]) {
        let (day, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        // Days to a civil date by eras of 400 years that begin on 1 March.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        appendPair(year / 100, to: &bytes)
        appendPair(year % 100, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendPair(month, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendPair(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendPair(rest / 3_600, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendPair(rest / 60 % 60, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendPair(rest % 60, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The instant, its fraction of a second dropped; nil if the text is none in UTC.
    static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
        let marks: [(Int, UInt8)] = [
            (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
            (16, UInt8(ascii: ":")),
        ]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1 }),
            bytes.count == 20 || (bytes[19] == UInt8(ascii: ".") && bytes[20..<(bytes.count - 1)].allSatisfy(isDigit)),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            year >= 1970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let days = shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    /// Reads a field that holds such an instant.
    static func decode<Key: CodingKey>(_ key: Key, from values: KeyedDecodingContainer<Key>) throws -> Int64 {
        guard let seconds = seconds(try values.decode(String.self, forKey: key)) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "this is no instant")
        }
        return seconds
    }

    private static func appendPair(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0") + UInt8(number / 10))
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        digits.allSatisfy(isDigit) ? Int64(String(decoding: digits, as: UTF8.self)) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
