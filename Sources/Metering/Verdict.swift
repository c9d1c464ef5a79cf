/// What the store found for one meter of a call. The raw values are those of the script that decides.
public enum Verdict: Int64, Sendable, CaseIterable {
    /// It fits.
    case ok = 0
    /// Past the limit, which allows that and bills it.
    case overage = 1
    /// It does not fit, and the limit is in shadow mode.
    case shadow = 2
    /// More than the limit ever allows.
    case tooLarge = 3
    /// The limit is used up.
    case limitExceeded = 4
    /// The rate is used up for now.
    case rateLimited = 5
    /// The plan does not name the meter.
    case notInPlan = 6

    /// The word for it.
    public var reason: DecisionReason {
        switch self {
        case .ok: .ok
        case .overage: .overage
        case .shadow: .shadow
        case .tooLarge: .tooLarge
        case .limitExceeded: .limitExceeded
        case .rateLimited: .rateLimited
        case .notInPlan: .notInPlan
        }
    }
}
