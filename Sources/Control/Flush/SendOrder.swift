import Billing

/// All that is needed to send an hour, its total aside: that is read when it is marked as being sent.
struct SendOrder: Sendable, Equatable {
    let hour: OwedHour
    /// `cus_…`.
    let customer: String
    /// The meter at Stripe.
    let facts: MeterFacts
    let eventName: String
    /// Seconds since the Unix epoch.
    let timestamp: Int64
    /// Whether an earlier send of the hour ended without an answer.
    let earlierUnknown: Bool

    func payload(total: Int64) -> [String: String] {
        [facts.customerPayloadKey: customer, facts.valuePayloadKey: String(total)]
    }
}
