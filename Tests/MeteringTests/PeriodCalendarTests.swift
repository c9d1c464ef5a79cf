import Foundation
import Testing

@testable import Metering

struct PeriodCalendarTests {
    private func calendar(_ zone: String) throws -> PeriodCalendar {
        PeriodCalendar(try #require(TimeZone(identifier: zone)))
    }

    private func tenant(start: String, end: String, previousStart: String? = nil) throws -> Tenant {
        var tenant = Tenant(id: "acme", plan: "starter", createdAt: 0)
        if let previousStart {
            try tenant.setPeriod(start: instant(previousStart), end: instant(start))
        }
        try tenant.setPeriod(start: instant(start), end: instant(end))
        return tenant
    }

    private func show(_ period: Period) -> [String] {
        [text(period.start), text(period.end), text(period.exactStart)]
    }

    @Test func `minutes and hours are those of UTC`() throws {
        let calendar = try calendar("Asia/Kathmandu")
        let at = instant("2026-11-23T08:44:59Z")
        #expect(
            show(calendar.period(for: .minute, at: at, tenant: nil))
                == ["2026-11-23T08:44:00Z", "2026-11-23T08:45:00Z", "2026-11-23T08:44:00Z"])
        #expect(
            show(calendar.period(for: .hour, at: at, tenant: nil))
                == ["2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z", "2026-11-23T08:00:00Z"])
    }

    @Test(arguments: [
        // Zone, instant, start, end, exact start.
        ("UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("Etc/GMT", "2026-11-23T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-23T00:00:00Z"),
        // Clocks go forward: 23 hours. Then back: 25 hours.
        (
            "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z",
            "2026-03-28T23:00:00Z"
        ),
        (
            "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z",
            "2026-10-24T22:00:00Z"
        ),
        // Half an hour off UTC: midnight is 18:30 UTC and moves back to 18:00, and 18:10 is the new day already.
        (
            "Asia/Kolkata", "2026-11-23T18:10:00Z", "2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z",
            "2026-11-23T18:30:00Z"
        ),
        (
            "Asia/Kolkata", "2026-11-23T17:59:59Z", "2026-11-22T18:00:00Z", "2026-11-23T18:00:00Z",
            "2026-11-22T18:30:00Z"
        ),
        // Lord Howe Island moves by half an hour.
        (
            "Australia/Lord_Howe", "2026-10-04T05:00:00Z", "2026-10-03T13:00:00Z", "2026-10-04T13:00:00Z",
            "2026-10-03T13:30:00Z"
        ),
        // No midnight: clocks went from 24:00 to 01:00.
        (
            "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z",
            "2018-11-04T03:00:00Z"
        ),
        // Two midnights: clocks went back from 01:00 to 00:00, and the day begins with the first.
        (
            "America/Havana", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z",
            "2026-11-01T04:00:00Z"
        ),
        // Clocks went back from 00:01 to 23:01 of the day before, which is over all the same.
        (
            "America/St_Johns", "2010-11-07T03:00:00Z", "2010-11-07T02:00:00Z", "2010-11-08T03:00:00Z",
            "2010-11-07T02:30:00Z"
        ),
        // Samoa had no 30 December 2011.
        (
            "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z",
            "2011-12-30T10:00:00Z"
        ),
        (
            "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z",
            "2011-12-29T10:00:00Z"
        ),
    ])
    func `a day is the zone's, from the whole UTC hour at or before its midnight`(
        zone: String, at: String, start: String, end: String, exactStart: String
    ) throws {
        let period = try calendar(zone).period(for: .day, at: instant(at), tenant: nil)
        #expect(show(period) == [start, end, exactStart])
    }

    @Test(arguments: [
        ("UTC", "2028-02-29T23:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("UTC", "2027-02-28T23:59:59Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"),
        ("UTC", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("Europe/Berlin", "2026-03-31T21:59:59Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
        ("Europe/Berlin", "2026-03-31T22:00:00Z", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z"),
        ("Asia/Kathmandu", "2026-05-31T18:00:00Z", "2026-05-31T18:00:00Z", "2026-06-30T18:00:00Z"),
        ("America/New_York", "2026-12-01T04:59:59Z", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"),
    ])
    func `without a billing day a month is the zone's calendar month`(
        zone: String, at: String, start: String, end: String
    ) throws {
        for cycle in [Cycle.month, .period] {
            let period = try calendar(zone).period(for: cycle, at: instant(at), tenant: nil)
            #expect([text(period.start), text(period.end)] == [start, end])
        }
    }

    @Test(arguments: [
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-01-31T10:17:00Z"),
        ("2026-02-28T09:59:59Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-01-31T10:17:00Z"),
        ("2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-02-28T10:17:00Z"),
        ("2026-03-31T10:16:59Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z", "2026-03-31T10:17:00Z"),
        ("2028-02-29T12:00:00Z", "2028-02-29T10:00:00Z", "2028-03-31T10:00:00Z", "2028-02-29T10:17:00Z"),
        ("2025-12-31T10:00:00Z", "2025-12-31T10:00:00Z", "2026-01-31T10:00:00Z", "2025-12-31T10:17:00Z"),
    ])
    func `a month is anchored on the billing day whatever the subscription's interval`(
        at: String, start: String, end: String, exactStart: String
    ) throws {
        let yearly = try tenant(start: "2026-01-31T10:17:00Z", end: "2027-01-31T10:17:00Z")
        for zone in ["UTC", "Asia/Kolkata"] {
            let period = try calendar(zone).period(for: .month, at: instant(at), tenant: yearly)
            #expect(show(period) == [start, end, exactStart])
        }
    }

    @Test(arguments: [
        // Within, at its end, and a year later without a word from Stripe.
        ("2026-02-10T00:00:00Z", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"),
        ("2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"),
        ("2027-02-01T00:00:00Z", "2027-01-31T10:00:00Z", "2027-02-28T10:00:00Z"),
        // What is recorded late lies in a period before.
        ("2026-01-15T00:00:00Z", "2025-12-31T10:00:00Z", "2026-01-31T10:00:00Z"),
    ])
    func `a monthly subscription's period rolls on by anchored months`(at: String, start: String, end: String) throws {
        let monthly = try tenant(start: "2026-01-31T10:17:00Z", end: "2026-02-28T10:17:00Z")
        let period = try calendar("UTC").period(for: .period, at: instant(at), tenant: monthly)
        #expect([text(period.start), text(period.end)] == [start, end])
    }

    @Test func `a period that starts on a clamped day goes back to the billing day`() throws {
        let february = try tenant(
            start: "2026-02-28T00:00:00Z", end: "2026-03-31T00:00:00Z", previousStart: "2026-01-31T00:00:00Z")
        #expect(february.anchor == instant("2026-01-31T00:00:00Z"))
        let period = try calendar("UTC").period(for: .period, at: instant("2026-05-01T00:00:00Z"), tenant: february)
        #expect(show(period).prefix(2) == ["2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z"])
    }

    @Test func `a clamped start without an earlier record shows its billing day by its end`() throws {
        let february = try tenant(start: "2026-02-28T00:00:00Z", end: "2026-03-31T00:00:00Z")
        let period = try calendar("UTC").period(for: .period, at: instant("2026-05-01T00:00:00Z"), tenant: february)
        #expect(show(period).prefix(2) == ["2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z"])
    }

    @Test(arguments: [
        (
            "2026-01-05T09:30:00Z", "2026-01-12T09:30:00Z", "2026-02-04T00:00:00Z", "2026-02-02T09:00:00Z",
            "2026-02-09T09:00:00Z"
        ),
        (
            "2026-01-05T00:00:00Z", "2027-01-05T00:00:00Z", "2028-02-29T00:00:00Z", "2028-01-05T00:00:00Z",
            "2029-01-05T00:00:00Z"
        ),
        (
            "2026-01-31T00:00:00Z", "2026-04-30T00:00:00Z", "2026-08-01T00:00:00Z", "2026-07-31T00:00:00Z",
            "2026-10-31T00:00:00Z"
        ),
    ])
    func `weeks roll on by their length, quarters and years by their months`(
        start: String, end: String, at: String, rolledStart: String, rolledEnd: String
    ) throws {
        let tenant = try tenant(start: start, end: end)
        let period = try calendar("Europe/Berlin").period(for: .period, at: instant(at), tenant: tenant)
        #expect(show(period).prefix(2) == [rolledStart, rolledEnd])
    }

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
        "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo", "America/Havana", "Pacific/Chatham", "Africa/Cairo",
    ])
    func `periods tile time from 2010 to 2029`(zone: String) throws {
        let calendar = try calendar(zone)
        let tenants: [Tenant?] = [
            nil,
            try tenant(start: "2024-01-31T10:17:00Z", end: "2024-02-29T10:17:00Z"),
            try tenant(start: "2024-02-29T23:59:59Z", end: "2025-02-28T23:59:59Z"),
            try tenant(start: "2024-01-05T09:30:00Z", end: "2024-01-12T09:30:00Z"),
        ]
        for tenant in tenants {
            for cycle in [Cycle.day, .month, .period] where cycle != .day || tenant == nil {
                let gap = firstGap(in: calendar, cycle, tenant)
                #expect(gap == nil, "\(cycle) in \(zone)")
            }
        }
    }

    /// What is wrong with the first period that does not end where the next begins, or does not hold its own instants.
    private func firstGap(in calendar: PeriodCalendar, _ cycle: Cycle, _ tenant: Tenant?) -> String? {
        let end = instant("2029-12-31T00:00:00Z")
        var period = calendar.period(for: cycle, at: instant("2010-01-01T00:00:00Z"), tenant: tenant)
        while period.start < end {
            guard period.start % 3_600 == 0, period.start < period.end, period.start <= period.exactStart,
                period.exactStart < period.start + 3_600
            else { return "\(show(period)) is not a period" }
            for probe in [(period.start + period.end) / 2, period.end - 1]
            where calendar.period(for: cycle, at: probe, tenant: tenant) != period {
                return "\(text(probe)) is not in \(show(period))"
            }
            let next = calendar.period(for: cycle, at: period.end, tenant: tenant)
            guard next.start == period.end else { return "\(show(next)) comes after \(show(period))" }
            period = next
        }
        return nil
    }

    @Test func `instants that no clock shows are taken as the nearest that one does`() throws {
        let calendar = try calendar("UTC")
        let last = calendar.period(for: .month, at: .max, tenant: nil)
        #expect(text(last.start) == "9999-12-01T00:00:00Z")
        #expect(calendar.period(for: .day, at: .min, tenant: nil).start == 0)
    }
}
