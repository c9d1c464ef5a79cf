import FoundationEssentials

/// When the periods of a subscription begin: at whole numbers of its interval from the billing cycle anchor, in UTC; a
/// month without the anchor's day begins on its last day (docs.stripe.com/billing/subscriptions/billing-cycle).
struct BillingCycle: Sendable {
    let anchor: Int
    let interval: Price.Interval
    let count: Int

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    /// The n-th boundary from the anchor, which is the zeroth.
    func boundary(_ n: Int) -> Int {
        let date = Date(timeIntervalSince1970: Double(anchor))
        let unit: Calendar.Component =
            switch interval {
            case .day, .week: .day
            case .month: .month
            case .year: .year
            }
        let value = n * count * (interval == .week ? 7 : 1)
        guard let moved = Self.calendar.date(byAdding: unit, value: value, to: date) else { return anchor }
        return Int(moved.timeIntervalSince1970)
    }

    /// The period that an instant is in.
    func period(containing instant: Int) -> Range<Int> {
        let days =
            switch interval {
            case .day: 1.0
            case .week: 7.0
            case .month: 30.436875
            case .year: 365.2425
            }
        var n = Int((Double(instant - anchor) / (86_400 * days * Double(count))).rounded(.down))
        while boundary(n) > instant { n -= 1 }
        while boundary(n + 1) <= instant { n += 1 }
        return boundary(n)..<boundary(n + 1)
    }
}
