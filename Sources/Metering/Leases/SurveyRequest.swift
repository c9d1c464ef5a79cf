/// Which of a holder's leases somebody would like to see, and in which order.
public struct SurveyRequest: Sendable, Equatable {
    /// Who comes first.
    public enum Order: String, Sendable, CaseIterable {
        /// What is spent fastest.
        case rate
        /// What is nearest to its limit. Without a limit nothing is near to it.
        case share
    }

    /// Who comes first.
    public var order: Order
    /// How many are named at most.
    public var limit: Int

    /// A request.
    public init(order: Order, limit: Int) {
        self.order = order
        self.limit = limit
    }
}
