import Foundation
import Testing

@testable import Metering

struct CivilDateTests {
    @Test func `every day from 1970 to 2200 is the one that Foundation says`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for days: Int64 in 0...84_000 {
            let date = CivilDate(daysSinceEpoch: days)
            guard date.daysSinceEpoch == days else {
                Issue.record("day \(days) comes back as \(date.daysSinceEpoch)")
                return
            }
            // Foundation is slow: every 13th day, which meets every day of the month and of the week.
            guard days % 13 == 0 else { continue }
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
            #expect(date.year == Int64(try #require(parts.year)))
            #expect(date.month == Int64(try #require(parts.month)))
            #expect(date.day == Int64(try #require(parts.day)))
        }
    }

    @Test func `instants before 1970 split towards the past`() {
        let split = CivilDate.split(-1)
        #expect(split.date == CivilDate(year: 1969, month: 12, day: 31) && split.secondOfDay == 86_399)
    }
}
