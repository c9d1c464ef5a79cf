/// What happens to a call that does not fit its limit.
public enum LimitMode: String, Sendable, CaseIterable {
    /// The call is refused.
    case hard
    /// The call is allowed and billed, up to the limit's cap if it has one.
    case overage
    /// The call is allowed and reported as one that would have been refused.
    case shadow
}
