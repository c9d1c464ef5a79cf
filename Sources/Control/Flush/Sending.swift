import Billing
import RedisLink
import StripeAPI

/// One attempt under way: what is sent of an hour, and under which names.
struct Sending: Sendable {
    let order: SendOrder
    let partition: Int
    /// When the partition's life began, as Redis had it.
    let life: String
    /// Names the attempt in Redis, and is its `Idempotency-Key`.
    let attempt: String
    /// The event's identifier; of a range the same at each attempt.
    let identifier: String
    /// What is sent.
    let amount: Int64
    /// What Stripe has of the hour when it takes this.
    let total: Int64
    /// What Stripe had acknowledged of the hour.
    let acknowledged: Int64
    /// Whether an earlier attempt of the hour ended without an answer.
    let isUnsettled: Bool
    /// Whether it is zero because no usage record can be below it: the hour stays owed.
    let isCredit: Bool
    /// When it was begun. A mark lasts a little longer than the longest request, so it must go out soon.
    let begunAt: ContinuousClock.Instant

    /// The event; nil when it goes to a subscription item.
    var event: MeterEventRequest? {
        guard case .meter(let facts, let eventName, let customer) = order.destination else { return nil }
        return MeterEventRequest(
            eventName: eventName, customer: customer, timestamp: order.timestamp, identifier: identifier,
            payload: [facts.customerPayloadKey: customer, facts.valuePayloadKey: String(amount)])
    }

    /// The attempt's end, as Redis is told.
    func result(_ outcome: SendResult.Outcome, total: Int64? = nil) -> SendResult {
        SendResult(
            key: order.key, attempt: attempt, form: order.form, destination: order.destinationText,
            outcome: outcome, total: total ?? self.total,
            identifier: order.isMeterEvent && outcome == .yes ? identifier : "", checkAt: order.checkAt)
    }
}
